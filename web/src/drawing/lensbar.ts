import type { Lens, Model, Scope } from "../view";
import { h, say } from "./dom";
import { count } from "./format";
import { LENSES } from "./lens";
import { EXPONENT } from "./paint";
import { SCOPES } from "./scale";
import type { Legend } from "./scene";

/** How many connections the slider offers. */
const EDGES = [0, 40, 80, 160, 320, 640, 1000, 1500];

/** The lenses, the legend, the scale and the number of connections. */
export class Bar {
  readonly top = h("div", { class: "stage-bar" });
  readonly foot = h("div", { class: "stage-foot" });
  private readonly buttons: HTMLButtonElement[];
  private readonly words = h("p", { class: "stage-legend" });
  private readonly scope = h("select", { name: "scope" });
  private readonly slider = h("input", {
    type: "range",
    name: "edges",
    min: 0,
    max: EDGES.length - 1,
    step: 1,
  });
  private readonly shown = h("span", { class: "value" });
  private readonly step = h("input", { type: "checkbox", name: "perceptrons" });
  private told = "";

  constructor(private readonly model: Model) {
    this.buttons = LENSES.map(({ name, label }) => {
      const button = h("button", { type: "button", "data-lens": name }, label);
      button.addEventListener("click", () => this.put("lens", name));
      return button;
    });
    const lenses = h("div", { class: "stage-lenses", role: "group", "aria-label": "Lens" });
    lenses.append(...this.buttons);
    this.top.append(lenses, this.words);
    for (const scope of SCOPES) this.scope.append(h("option", { value: scope }, `this ${scope}`));
    this.scope.addEventListener("change", () => this.put("scope", this.scope.value as Scope));
    this.slider.addEventListener("input", () =>
      this.put("edges", EDGES[Number(this.slider.value)]),
    );
    this.step.addEventListener("change", () => this.put("perceptrons", this.step.checked));
    this.foot.append(
      h("label", {}, "Full strength: largest of", this.scope),
      h("label", {}, "Connections", this.slider, this.shown),
      h("label", { class: "stage-perceptrons" }, this.step, "As perceptrons"),
    );
    this.show();
  }

  private put<K extends "lens" | "scope" | "edges" | "perceptrons">(
    name: K,
    value: { lens: Lens; scope: Scope; edges: number; perceptrons: boolean }[K],
  ): void {
    this.model.set(name, value as never);
    this.model.save_changes();
  }

  show(): void {
    const lens = this.model.get("lens");
    this.buttons.forEach((button, i) =>
      button.setAttribute("aria-pressed", String(LENSES[i].name === lens)),
    );
    this.scope.value = this.model.get("scope");
    const edges = this.model.get("edges");
    const nearest = EDGES.findIndex((n) => n >= edges);
    this.slider.value = String(nearest < 0 ? EDGES.length - 1 : nearest);
    this.slider.setAttribute("aria-valuetext", `at most ${edges}`);
    say(this.shown, count(edges));
    this.step.checked = this.model.get("perceptrons");
  }

  legend(words: Legend | null): void {
    const key = JSON.stringify(words);
    if (key === this.told) return;
    this.told = key;
    this.words.replaceChildren();
    if (!words) return;
    const plus = h("span", { class: "plus" }, "— positive");
    const minus = h("span", { class: "minus" }, "- - negative");
    const rest = words.hidden ? ` · ${words.hidden}` : "";
    this.words.append(
      `Neurons: ${words.neurons}. Lines: ${words.connections}, `,
      plus,
      " ",
      minus,
      rest,
    );
    if (words.rest) this.words.append(h("span", { class: "stage-rest" }, `; ${words.rest}`));
    this.words.title = `Line width grows with the value to the power of ${EXPONENT}.`;
  }
}
