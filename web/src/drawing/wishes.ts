/** Wishes of a layer's neurons: a tile each, + brighter and − dimmer, and in words. */

import { signed } from "./colour";
import { h } from "./dom";
import { count, list, signedNumber } from "./format";
import { largest } from "./scale";

/** Layers with more neurons than this show their strongest wishes only. */
const MOST = 64;
const FEW = 48;

const byStrength = (values: Float32Array): number[] =>
  [...values.keys()].sort((i, j) => Math.abs(values[j]) - Math.abs(values[i]));

/** One tile a neuron, as strong as its wish. */
export function tiles(
  layer: number,
  values: Float32Array,
  name: (j: number) => string,
  choose: (j: number) => void,
): HTMLElement {
  const most = largest(values);
  const box = h("div", { class: "opened-wishes" });
  const shown = values.length <= MOST ? [...values.keys()] : byStrength(values).slice(0, FEW);
  for (const j of shown) {
    const t = most > 0 ? values[j] / most : 0;
    const words = `layer ${layer}, neuron ${j + 1}: ${signedNumber(values[j])}`;
    const mark = Math.abs(t) < 0.02 ? "" : t > 0 ? "+" : "−";
    const label = {
      type: "button",
      title: words,
      "aria-label": `${name(j)}${mark} ${words}`,
    };
    const tile = h("button", label, `${name(j)}${mark}`);
    tile.style.background = signed(t);
    tile.style.color = Math.abs(t) > 0.45 ? "#14171f" : "#fff";
    tile.addEventListener("click", () => choose(j));
    box.append(tile);
  }
  if (shown.length < values.length)
    box.append(
      h("span", { class: "opened-note" }, `strongest ${shown.length} of ${count(values.length)}`),
    );
  return box;
}

/** The two strongest wishes of a layer. */
export function wanted(values: Float32Array, name: (j: number) => string, of: string): string {
  const said = byStrength(values)
    .slice(0, 2)
    .filter((j) => values[j] !== 0)
    .map((j) => {
      const way = values[j] > 0 ? "up" : "down";
      return `${name(j)} ${way} (−∂C/∂${of} = ${signedNumber(values[j])})`;
    });
  return said.length ? `most of all ${list(said)}.` : "nothing at all.";
}
