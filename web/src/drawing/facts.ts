/** What is known of the chosen neuron: from the frame, and as the server measured it. */

import { isSilent, silentOf } from "../silencer";
import type { Model } from "../view";
import type { Place } from "../wire";
import { count, percent } from "./format";
import type { Row } from "./rows";
import { outputNames, valuesOf } from "./scene";

export interface Strong {
  part: string;
  index: number;
  a: number;
  /** The class as a number; null where targets are none. */
  label: number | null;
}
export interface Silenced {
  part: string;
  /** Over so many rows of the part's `of`. */
  rows: number;
  of: number;
  before: number;
  after: number;
  hurts: { class: number; before: number; after: number }[];
}
export interface Facts {
  key: string;
  step: number;
  edits: string;
  sentence: string;
  strongest: Strong[];
  silenced: Silenced | null;
  w: Float32Array;
  b: number;
  pictures: Float32Array | null;
}

/** Facts of each model's chosen neuron, for the sentence and the table. */
export const known = new WeakMap<Model, Facts>();

/** What facts are of: a run, a neuron, an example. */
export const keyOf = (model: Model, layer: number, neuron: number, example: unknown): string =>
  [
    model.get("state")?.run,
    layer,
    neuron,
    JSON.stringify(example),
    JSON.stringify(silentOf(model)),
  ].join("|");

/** The facts of what is chosen now; null where they are of something else. */
export function factsOf(model: Model): Facts | null {
  const [place, facts] = [model.get("place"), known.get(model)];
  if (!place || !facts) return null;
  const key = keyOf(model, place.layer, place.neuron, model.get("example"));
  return facts.key === key ? facts : null;
}

/** Everything that is shown of the neuron, at the frame's step; null before it is known. */
export interface Inside {
  place: Place;
  n: number;
  w: Float32Array | undefined;
  x: Float32Array | undefined;
  sum: number;
  b: number;
  z: number;
  a: number;
  activation: string;
  /** Silenced: a is 0 whatever z. */
  silent: boolean;
}

export function inside(model: Model): Inside | null {
  const [state, place] = [model.get("state"), model.get("place")];
  if (!state || !place || place.layer < 1 || place.layer >= state.sizes.length) return null;
  const values = valuesOf(model.get("frame"), state);
  const { layer: l, neuron: j } = place;
  const n = state.sizes[l - 1];
  if (j >= state.sizes[l]) return null;
  const mine = factsOf(model);
  const w = values[`w${l}`]?.subarray(j * n, (j + 1) * n) ?? mine?.w;
  const b = values[`b${l}`]?.[j] ?? mine?.b;
  const z = values[`z${l}`]?.[j];
  const a = values[`a${l}`]?.[j];
  if (b === undefined || z === undefined || a === undefined) return null;
  const activation =
    model.get("perceptrons") && state.activations[l - 1] !== "softmax"
      ? "step"
      : state.activations[l - 1];
  const silent = isSilent(silentOf(model), l, j);
  return { place, n, w, x: values[`a${l - 1}`], sum: z - b, b, z, a, activation, silent };
}

export const nameOf = (model: Model, { layer, neuron }: Place): string => {
  const state = model.get("state");
  const last = state && layer === state.sizes.length - 1;
  const name = last ? outputNames(state)?.[neuron] : undefined;
  return `Layer ${layer}, neuron ${neuron + 1}${name === undefined ? "" : `: output ${name}`}`;
};

export const className = (model: Model, label: number): string =>
  model.get("state")?.data.classes?.[label] ?? String(label);

/** What the network is worth without the neuron, for the rail. */
export function worth(model: Model, { silenced }: Facts): Row[] {
  if (!silenced) return [["accuracy", "not measured", null]];
  const { part, before, after, hurts, rows, of } = silenced;
  const over = rows < of ? `, first ${count(rows)}` : "";
  const worst = hurts.filter((one) => one.before > one.after).slice(0, 3);
  const names = worst.map((one) => className(model, one.class));
  const was = percent(before, rows).replace(" %", "");
  return [
    [`${part} accuracy${over}`, `${was} → ${percent(after, rows)}`, null],
    ["hurts most", names.join(", ") || "no class", null],
  ];
}
