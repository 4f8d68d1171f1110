/** What lies at a place of the stage, in words and numbers. */

import { isSilent, silentOf } from "../silencer";
import type { Model } from "../view";
import type { Damage } from "./damage";
import { number, probability, signedNumber } from "./format";
import type { Hit } from "./hit";
import { isUnit, lensOf, type Measured } from "./lens";
import { outputNames, type Stage, valuesOf } from "./scene";

export function tell(model: Model, hit: Hit, stage: Stage, measured: Measured): string {
  const state = model.get("state");
  if (!state) return "";
  const values = valuesOf(model.get("frame"), state);
  const { layer, neuron, input } = hit;
  if (layer === 0) {
    const x = values.a0?.[neuron];
    const name = state.data.inputs?.[neuron] ?? `input ${neuron + 1}`;
    return x === undefined ? name : `${name}\nx = ${number(x)}`;
  }
  const L = state.sizes.length - 1;
  const name = layer === L ? (outputNames(state)?.[neuron] ?? null) : null;
  const where = `Layer ${layer}, neuron ${neuron + 1}${name === null ? "" : ` (${name})`}`;
  const lines = [where];
  if (input !== null) {
    const i = neuron * state.sizes[layer - 1] + input;
    const [w, a] = [values[`w${layer}`]?.[i], values[`a${layer - 1}`]?.[input]];
    const d = values[`delta${layer}`]?.[neuron];
    lines.push(`from ${layer === 1 ? "input" : "neuron"} ${input + 1}`);
    if (w !== undefined) lines.push(`w = ${signedNumber(w)}`);
    if (w !== undefined && a !== undefined)
      lines.push(`w · a = ${signedNumber(w)} · ${number(a)} = ${signedNumber(w * a)}`);
    if (d !== undefined && a !== undefined) lines.push(`∂C/∂w = ${signedNumber(d * a)}`);
    return lines.join("\n");
  }
  if (isSilent(silentOf(model), layer, neuron)) lines.push("silenced");
  const [z, a, b] = [values[`z${layer}`], values[`a${layer}`], values[`b${layer}`]];
  if (a)
    lines.push(
      `a = ${isUnit(state.activations[layer - 1]) ? probability(a[neuron]) : number(a[neuron])}`,
    );
  if (z) lines.push(`z = ${signedNumber(z[neuron])}`);
  if (b) lines.push(`b = ${signedNumber(b[neuron])}`);
  const lens = lensOf(stage.lens);
  const value = stage.reading.neurons[layer]?.[neuron];
  if (value !== undefined && lens.name !== "activation" && lens.name !== "weights")
    lines.push(
      lens.name === "damage"
        ? `${measured.damage ? `accuracy lost: ${signedNumber(100 * value)} points` : ""}`
        : `${lens.neurons}: ${signedNumber(value)}`,
    );
  return lines.join("\n");
}

/** Why something is not on the stage, or of which step it is. */
export function missing(model: Model, { has, lens }: Stage, damage: Damage): string {
  if (!model.get("state")) return "No network yet: the server has not said what it trains.";
  if (!has.values) return "The network's numbers are on their way.";
  if (lens === "damage") return damage.text();
  if ((lens === "wishes" || lens === "nudges") && !has.errors)
    return model.get("perceptrons")
      ? "Perceptrons have no slope, so nothing can be passed back."
      : "A drawing has no target: say under Draw what it is meant to be.";
  if (!has.weights)
    return "This network is too large to be sent whole, so its connections are not drawn.";
  return "";
}
