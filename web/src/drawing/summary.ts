/** The stage in one sentence: what the network says of the example, and what is lit. */

import type { Model } from "../view";
import type { State } from "../wire";
import { silentOf } from "../silencer";
import { count, number, plural } from "./format";
import { isUnit, type Values } from "./lens";
import { best } from "./outputs";
import { exampleName, outputNames, rightClass, valuesOf } from "./scene";

export function summary(model: Model): string {
  const state = model.get("state");
  if (!state) return "No network is loaded.";
  const values = valuesOf(model.get("frame"), state);
  const step = model.get("frame")?.step ?? state.step;
  const head = `${state.sizes.join("-")} on ${state.data.name}, step ${count(step)}`;
  const outputs = values[`a${state.sizes.length - 1}`];
  if (!outputs) return `${head}.`;
  const said = answer(exampleName(model), outputs, values, state);
  const silent = silentOf(model).length;
  const without = silent ? [`${plural(silent, "neuron is", "neurons are")} silenced`] : [];
  return `${head}: ${[said, ...lit(values, state), ...without].join("; ")}.`;
}

/** "test example 1, which is 2, is answered 2 with 0.972 (cost 0.00116)". */
function answer(name: string, outputs: Float32Array, values: Values, state: State): string {
  const cost = values.cost ? ` (cost ${number(values.cost[0])})` : "";
  if (outputs.length === 1) return `the output for ${name} is ${number(outputs[0])}${cost}`;
  const names = outputNames(state);
  const top = best(outputs, names);
  const last = state.activations[state.activations.length - 1];
  const share = isUnit(last) ? top.text : number(top.value);
  if (!names) return `the strongest output for ${name} is ${top.name} with ${share}${cost}`;
  const right = rightClass(values.y, names);
  const is = right === null ? "" : `, which is ${names[right]},`;
  return `${name}${is} is answered ${top.name} with ${share}${cost}`;
}

/** "above 0.5: 6 of 16 in layer 1, 9 of 16 in layer 2"; a part for each threshold. */
function lit(values: Values, state: State): string[] {
  const found = new Map<number, string[]>();
  for (let l = 1; l < state.sizes.length - 1; l++) {
    const a = values[`a${l}`];
    if (!a) continue;
    const over = isUnit(state.activations[l - 1]) ? 0.5 : 0;
    let on = 0;
    for (const value of a) if (value > over) on++;
    found.set(over, [...(found.get(over) ?? []), `${on} of ${a.length} in layer ${l}`]);
  }
  return [...found].map(([over, layers]) => `above ${over}: ${layers.join(", ")}`);
}
