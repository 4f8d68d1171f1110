/** The examples that a neuron answers to most, to be chosen. */

import type { Model } from "../view";
import { h } from "./dom";
import { className, type Facts } from "./facts";
import { count, number } from "./format";
import { Picture } from "./picture";

export function showStrongest(list: HTMLElement, model: Model, facts: Facts): void {
  const image = model.get("state")?.data.image ?? null;
  const size = image ? image[0] * image[1] : 0;
  list.replaceChildren();
  facts.strongest.forEach(({ part, index, a, label }, i) => {
    const name = label === null ? null : className(model, label);
    const labelled = name === null ? "" : `, labelled ${name}`;
    const words = `${part} example ${count(index)}${labelled}: a = ${number(a)}`;
    const said = name ?? String(index);
    const button = h("button", { type: "button", title: words, "aria-label": `${said}: ${words}` });
    const pixels = facts.pictures?.subarray(i * size, (i + 1) * size);
    button.append(image && pixels ? new Picture(...image).ink(pixels).canvas : said);
    button.addEventListener("click", () => {
      model.set("example", { part, index });
      model.save_changes();
    });
    list.append(h("li", {}, button));
  });
}
