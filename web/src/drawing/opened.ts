/** What the server says of one step, and the columns that show it. */

import type { Place } from "../wire";

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
