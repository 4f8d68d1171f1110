/** The outputs as bars beside a drawing, and the largest in large. */

import type { Model } from "../view";
import { h, say } from "./dom";
import { number, probability } from "./format";
import { isUnit } from "./lens";
import { best } from "./outputs";
import { outputNames, valuesOf } from "./scene";

export class Answers {
  readonly best = h("div", { class: "draw-best" });
  readonly sure = h("div");
  readonly bars = h("dl", { class: "draw-outputs" });
  private rows: { fill: HTMLElement; text: HTMLElement }[] = [];
  private of = "";

  /** Shows the outputs of the frame; gives the name of the largest, null without one. */
  show(model: Model): string | null {
    const state = model.get("state");
    if (!state) return null;
    const last = state.sizes.length - 1;
    const outputs = valuesOf(model.get("frame"), state)[`a${last}`];
    const names = outputNames(state);
    this.fit(outputs?.length ?? 0, names);
    if (!outputs || !("drawn" in model.get("example"))) {
      say(this.best, "");
      say(this.sure, "Nothing is drawn yet.");
      for (const { fill, text } of this.rows) {
        fill.style.width = "0";
        say(text, "");
      }
      return null;
    }
    const unit = isUnit(state.activations[last - 1]);
    const top = best(outputs, names);
    say(this.best, top.name);
    say(this.sure, unit ? `probability ${top.text}` : number(top.value));
    this.rows.forEach(({ fill, text }, j) => {
      fill.style.width = `${100 * Math.max(0, Math.min(1, outputs[j]))}%`;
      say(text, unit ? probability(outputs[j]) : number(outputs[j]));
    });
    return top.name;
  }

  private fit(n: number, names: readonly string[] | null): void {
    const key = `${n} ${names?.join()}`;
    if (key === this.of) return;
    this.of = key;
    this.rows = [];
    this.bars.replaceChildren();
    for (let j = 0; j < n; j++) {
      const [fill, text] = [h("i"), h("dd")];
      this.rows.push({ fill, text });
      const name = h("dt", {}, names?.[j] ?? String(j + 1));
      this.bars.append(name, h("dd", { class: "trough" }, fill), text);
    }
  }
}
