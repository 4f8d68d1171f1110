/** Weights and biases by name. */

import type { Model } from "../view";
import type { Place } from "../wire";
import { valuesOf } from "./scene";

/** "weight to layer 2, neuron 5 from neuron 3". */
export const placeName = ({ layer, neuron, input }: Place): string =>
  input === null
    ? `bias of layer ${layer}, neuron ${neuron + 1}`
    : `weight to layer ${layer}, neuron ${neuron + 1} ` +
      `from ${layer === 1 ? "input" : "neuron"} ${input + 1}`;

/** The same, as short as a column. */
export const shortName = ({ layer, neuron, input }: Place): string =>
  `${layer} · ${neuron + 1}${input === null ? ", bias" : ` ← ${input + 1}`}`;

export const keyOfPlace = (place: Place | null): string =>
  place ? [place.layer, place.neuron, place.input ?? "b"].join(".") : "";

export const samePlace = (one: Place, other: Place | null): boolean =>
  keyOfPlace(one) === keyOfPlace(other);

/** The value of a weight or bias now; NaN where frames do not hold it. */
export function valueOf(model: Model, place: Place): number {
  const state = model.get("state");
  const values = valuesOf(model.get("frame"), state);
  const { layer: l, neuron: j, input: k } = place;
  const n = state?.sizes[l - 1] ?? 0;
  return (k === null ? values[`b${l}`]?.[j] : values[`w${l}`]?.[j * n + k]) ?? NaN;
}
