/** What the server says of one step, and the columns that show it. */

import type { Place, State } from "../wire";
import { h } from "./dom";
import { count, list, number, probability, signedNumber } from "./format";
import { isUnit } from "./lens";
import { outputNames } from "./scene";

export type Sort = "nudge" | "average" | "gain" | "place";

export interface Term {
  output: number;
  a: number;
  y: number;
  term: number;
}
export interface Row {
  place: Place;
  value: number;
  nudge: number;
  average: number;
  /** What the update adds to it, and how far the cost is to fall by that. */
  change: number;
  gain: number;
}
export interface Update {
  eta: number | null;
  /** The mini-batch's cost before and after, and the difference as predicted. */
  cost: number;
  after: number;
  predicted: number;
  measured: number;
  epoch: number;
  batch: number;
  step: number;
}
export interface Opened {
  terms: Term[];
  cost: number;
  /** −∂C/∂z and −∂C/∂a by layer. */
  wishes: Record<number, Float32Array>;
  wishesOfA: Record<number, Float32Array>;
  rows: Row[];
  total: number;
  update: Update;
  indices: number[];
}

export const HEADS: [Sort | null, string, string][] = [
  ["place", "layer · neuron ← from", "where the parameter stands"],
  [null, "value", "its value now"],
  ["nudge", "example wants", "−∂C/∂w of this example: which way, and how much"],
  ["average", "batch wants", "the mean of −∂C/∂w over the next mini-batch"],
  [null, "update adds", "what the update adds to it"],
  [
    "gain",
    "cost falls by",
    "how far the mini-batch's cost is to fall by that: most for its change first",
  ],
];

/** The update in words: with which examples it is made, and what it does to their cost. */
export function updateWords({ update, indices }: Opened): string {
  const eta = update.eta === null ? "" : ` with η = ${number(update.eta)}`;
  const few = list(indices.slice(0, 10).map(count));
  const more = indices.length > 10 ? ` and ${count(indices.length - 10)} more` : "";
  return (
    `5 · The update${eta}: mini-batch ${count(update.batch + 1)} of epoch ` +
    `${count(update.epoch)}, the training examples ${few}${more}. Its cost goes from ` +
    `${number(update.cost, 4)} to ${number(update.after, 4)}: predicted ` +
    `${signedNumber(update.predicted)}, measured ${signedNumber(update.measured)}.`
  );
}

/** The rows of the cost, output by output, and their sum. */
export function termRows(found: Opened, state: State): HTMLElement[] {
  const names = outputNames(state);
  const unit = isUnit(state.activations[state.activations.length - 1]);
  const rows = found.terms.map(({ output, a, y, term }) =>
    h(
      "tr",
      { class: y > 0 && names ? "is-right" : null },
      h("td", {}, names?.[output] ?? String(output + 1)),
      h("td", {}, unit ? probability(a) : number(a)),
      h("td", {}, Number.isInteger(y) ? count(y) : number(y)),
      h("td", {}, number(term)),
    ),
  );
  const head = h(
    "tr",
    {},
    ...["output", "a", "wanted y", "its cost"].map((words) => h("th", { scope: "col" }, words)),
  );
  const { cost } = found;
  const total = h(
    "tr",
    { class: "is-sum" },
    h("td", {}, "cost C"),
    h("td"),
    h("td"),
    h("td", {}, number(cost)),
  );
  return [head, ...rows, total];
}
