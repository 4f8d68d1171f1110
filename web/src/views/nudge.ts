// Nudge: a weight or a bias moved by hand. What the gradient predicts stands beside what
// is measured; what is kept is marked and can be taken back.

import type { Explanation, Model, Table, View } from "../view";
import type { Answer, Command, Edit, Place } from "../wire";
import { calm, framed, h, PACE_MS, say } from "../drawing/dom";
import {
  count,
  fixed,
  number,
  parse,
  percent,
  plural,
  probability,
  signedNumber,
} from "../drawing/format";
import { Latest } from "../drawing/latest";
import { isUnit } from "../drawing/lens";
import { curves, NudgeCurve } from "../drawing/nudgecurve";
import { formulaOf, type Outcome, type Side } from "../drawing/outcome";
import { keyOfPlace, placeName, valueOf } from "../drawing/places";
import { silentOf } from "../silencer";
import { Rows, type Row } from "../drawing/rows";
import { outputNames } from "../drawing/scene";
import { nudgeFigure } from "../drawing/sheets";
import "./rail.css";

const outcomes = new WeakMap<Model, Outcome>();
/** The nudge that stands on the slider until another is chosen. */
const FIRST = 0.1;
const REACH = 1;

/** A number, or that there is none. */
const put = (v: number | null, write: (v: number) => string = number): string =>
  v === null ? "unknown" : write(v);

export function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const panel = new NudgePanel(model, el);
  return () => panel.remove();
}

class NudgePanel {
  private readonly what = h("p", { class: "rail-note" });
  private readonly slider = h("input", {
    type: "range",
    min: -REACH,
    max: REACH,
    step: 0.01,
    value: FIRST,
    "aria-label": "Nudge by",
  });
  private readonly by = h("span", { class: "value" }, signedNumber(FIRST));
  private readonly over = h("select", { "aria-label": "Cost of" });
  private readonly value = h("input", {
    type: "text",
    inputmode: "decimal",
    "aria-label": "New value",
    autocomplete: "off",
  });
  private readonly numbers = new Rows();
  private readonly none = h("p", { class: "rail-note" });
  private readonly outputs = h("table", { class: "rail-table" });
  private readonly formula = h("div", {
    class: "rail-formula",
    tabindex: 0,
    role: "group",
    "aria-label": "The prediction with its numbers",
  });
  private readonly error = h("p", { class: "rail-error", role: "status" });
  private readonly curve: NudgeCurve;
  private readonly edits = h("div");
  private readonly body = h("div", { class: "rail-view" });
  private readonly frames = framed(() => this.draw());
  private readonly paced = calm(() => this.frames.ask(), PACE_MS);
  private readonly nudge: Latest;
  private readonly edit: Latest;
  private readonly stops: (() => void)[] = [];
  private asked = "";
  private listed = "";

  constructor(
    private readonly model: Model,
    private readonly el: HTMLElement,
  ) {
    const failed = (words: string) => say(this.error, words);
    this.nudge = new Latest(model, (answer, command) => this.learn(answer, command), failed);
    this.edit = new Latest(model, () => say(this.error, ""), failed);
    this.curve = new NudgeCurve(model);
    this.build();
    for (const name of ["state", "frame", "place", "example", "perceptrons", "silent"] as const) {
      const changed = name === "frame" ? this.paced.ask : this.frames.ask;
      model.on(`change:${name}`, changed);
      this.stops.push(() => model.off(`change:${name}`, changed));
    }
    this.draw();
  }

  private build(): void {
    for (const [value, words] of [
      ["example", "this example"],
      ["train", "the training part"],
      ["test", "the test part"],
    ])
      this.over.append(h("option", { value }, words));
    const keep = h("button", { type: "submit", class: "button" }, "Set");
    const form = h("form", { class: "rail-row" }, h("span", {}, "Value"), this.value, keep);
    this.body.append(
      h("label", { class: "rail-slide" }, h("span", {}, "Nudge by"), this.by, this.slider),
      h("label", { class: "rail-row" }, "Cost of", this.over),
      this.none,
      this.numbers.el,
      this.formula,
      this.curve.el,
      this.outputs,
      form,
    );
    this.el.append(h("div", { class: "rail-view" }, this.what, this.body, this.error, this.edits));
    this.slider.addEventListener("input", () => this.ask());
    this.slider.addEventListener("change", () => this.ask());
    this.over.addEventListener("change", () => this.ask());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.keep(parse(this.value.value));
    });
    this.value.addEventListener("keydown", (event) => {
      event.stopPropagation();
      const step = event.key === "ArrowUp" ? 0.1 : event.key === "ArrowDown" ? -0.1 : 0;
      const value = parse(this.value.value);
      if (!step || Number.isNaN(value)) return;
      event.preventDefault();
      this.value.value = number(value + step, 4);
      this.keep(value + step);
    });
  }

  private ask(): void {
    const place = this.model.get("place");
    if (!place) return;
    const by = Number(this.slider.value);
    say(this.by, signedNumber(by));
    this.slider.setAttribute("aria-valuetext", signedNumber(by));
    const over = this.over.value;
    const where = over === "example" ? { example: this.model.get("example") } : { part: over };
    this.curve.at(by);
    this.nudge.ask({ do: "nudge", place, by, ...where });
  }

  private keep(value: number): void {
    const place = this.model.get("place");
    if (!place) return;
    if (Number.isNaN(value)) {
      say(this.error, `A value must be a number; got "${this.value.value}".`);
      return;
    }
    this.edit.ask({ do: "edit", place, value });
  }

  private learn(answer: Answer, command: Command): void {
    const place = command["place"] as Place;
    const by = Number(command["by"]);
    outcomes.set(this.model, {
      key: keyOfPlace(place),
      step: Number(answer["step"] ?? this.model.get("state")?.step),
      place,
      by,
      value: valueOf(this.model, place),
      over: command["part"] ? `the ${String(command["part"])} part` : "this example",
      before: answer["before"] as Side,
      after: answer["after"] as Side,
      predicted: answer["predicted"] as number | null,
      measured: answer["measured"] as number | null,
      gradient: answer["gradient"] as number | null,
    });
    say(this.error, "");
    this.frames.ask();
  }

  private draw(): void {
    const [place, state] = [this.model.get("place"), this.model.get("state")];
    this.body.hidden = !place;
    if (!place || !state) {
      say(
        this.what,
        "Choose a weight or a bias: in the picture, or as a pixel of a neuron's weights.",
      );
      this.list(state?.edits ?? []);
      return;
    }
    const value = valueOf(this.model, place);
    const name = placeName(place);
    say(this.what, `${name[0].toUpperCase()}${name.slice(1)}.`);
    if (document.activeElement !== this.value && !Number.isNaN(value))
      this.value.value = number(value, 4);
    const still = state.phase !== "training";
    const example = JSON.stringify(this.model.get("example"));
    const edits = JSON.stringify([state.edits, silentOf(this.model)]);
    const asked = [keyOfPlace(place), state.run, state.step, example, edits].join("|");
    if (still && asked !== this.asked) {
      this.asked = asked;
      this.ask();
      this.curve.measure(asked, place, this.model.get("example")).catch(() => this.curve.hide());
    }
    this.show(place);
    this.list(state.edits);
  }

  private show(place: Place): void {
    const found = outcomes.get(this.model);
    const mine = found?.key === keyOfPlace(place) ? found : null;
    this.numbers.el.hidden = this.outputs.hidden = this.formula.hidden = this.none.hidden = !mine;
    if (!mine) return;
    const { before, after, predicted, measured, over } = mine;
    say(
      this.none,
      before.cost === null
        ? "A drawing has a cost when it is said, under Draw, what it is meant to be."
        : this.model.get("frame")?.step === mine.step
          ? ""
          : `Measured at step ${count(mine.step)}; anew when the training is paused.`,
    );
    const rows: Row[] =
      before.cost === null
        ? []
        : [
            [`cost of ${over}`, `${put(before.cost)} → ${put(after.cost)}`, null],
            ["predicted Δcost", put(predicted, signedNumber), null],
            ["measured Δcost", put(measured, signedNumber), null],
          ];
    if (before.accuracy !== null && after.accuracy !== null)
      rows.push(["accuracy", `${percent(before.accuracy)} → ${percent(after.accuracy)}`, null]);
    this.numbers.show(rows);
    this.numbers.el.dataset["predicted"] = String(predicted);
    this.numbers.el.dataset["measured"] = String(measured);
    const formula = formulaOf(mine);
    this.formula.replaceChildren(...(formula ? [formula] : []));
    this.changed(mine);
  }

  /** The outputs that move most, before and after. */
  private changed({ before, after }: Outcome): void {
    const state = this.model.get("state");
    const [was, now] = [before.outputs, after.outputs];
    if (!state || !was || !now) {
      this.outputs.replaceChildren();
      return;
    }
    const names = outputNames(state);
    const unit = isUnit(state.activations[state.activations.length - 1]);
    const write = (v: number) => (unit ? probability(v) : number(v));
    const order = was
      .map((value, j) => ({ j, by: Math.abs(now[j] - value) }))
      .sort((one, other) => other.by - one.by)
      .slice(0, 4);
    const head = h(
      "tr",
      {},
      h("th", { scope: "col" }, "output"),
      h("th", { scope: "col" }, "before"),
      h("th", { scope: "col" }, "after"),
      h("th", { scope: "col" }, "change"),
    );
    const rows = order.map(({ j }) =>
      h(
        "tr",
        {},
        h("td", {}, names?.[j] ?? String(j + 1)),
        h("td", {}, write(was[j])),
        h("td", {}, write(now[j])),
        h("td", {}, signedNumber(now[j] - was[j], 2)),
      ),
    );
    this.outputs.replaceChildren(
      h("caption", { class: "rail-note" }, "Outputs that move most"),
      head,
      ...rows,
    );
  }

  private list(edits: readonly Edit[]): void {
    const key = JSON.stringify(edits);
    if (key === this.listed) return;
    this.listed = key;
    this.edits.replaceChildren();
    if (!edits.length) return;
    const kept = this.model.get("state")?.link ? "kept in the link" : "kept in this view";
    this.edits.append(h("h3", {}, `${plural(edits.length, "edit")}, ${kept}`));
    for (const { place, value } of edits.slice(-8)) {
      const back = h("button", { type: "button", class: "button" }, "Take back");
      back.setAttribute("aria-label", `Take back the ${placeName(place)}`);
      back.addEventListener("click", () => this.edit.ask({ do: "unedit", place }));
      const words = `${placeName(place)} = ${signedNumber(value, 4)}`;
      this.edits.append(
        h("p", { class: "rail-row" }, h("span", { class: "rail-note" }, words), back),
      );
    }
    if (edits.length < 2) return;
    const all = h("button", { type: "button", class: "button" }, "Take all back");
    all.addEventListener("click", () => this.edit.ask({ do: "unedit", all: true }));
    this.edits.append(all);
  }

  remove(): void {
    for (const stop of this.stops) stop();
    for (const one of [this.frames, this.paced, this.nudge, this.edit]) one.stop();
    this.el.replaceChildren();
  }
}

export function summary(model: Model): string {
  const place = model.get("place");
  if (!place) return "No weight or bias is chosen.";
  const found = outcomes.get(model);
  if (found?.key !== keyOfPlace(place)) return `Chosen: the ${placeName(place)}.`;
  const { by, before, after, predicted, measured, over } = found;
  if (before.cost === null)
    return `Chosen: the ${placeName(place)}; the drawing has no target, so no cost.`;
  return (
    `Moving the ${placeName(place)} by ${signedNumber(by)} takes the cost of ${over} from ` +
    `${put(before.cost)} to ${put(after.cost)}: predicted ${put(predicted, signedNumber)}, measured ${put(measured, signedNumber)}.`
  );
}

export function table(model: Model): Table {
  const columns = ["number", "before", "after", "change"];
  const found = outcomes.get(model);
  const state = model.get("state");
  if (!found || !state) return { caption: "Nothing is nudged", columns, rows: [] };
  const { before, after, predicted, gradient, by } = found;
  const names = outputNames(state);
  const rows: (string | number | null)[][] = [
    ["cost", before.cost, after.cost, found.measured],
    ["predicted change of cost", null, null, predicted],
    ["gradient", null, null, gradient],
    ["nudge", null, null, by],
  ];
  const now = after.outputs;
  if (now)
    before.outputs?.forEach((value, j) =>
      rows.push([`output ${names?.[j] ?? j + 1}`, value, now[j], now[j] - value]),
    );
  return {
    caption: `The ${placeName(found.place)} nudged by ${fixed(by, 2)}`,
    columns,
    rows,
  };
}

export function explain(model: Model): Explanation | null {
  const found = outcomes.get(model);
  const text =
    "The gradient says how the cost changes for a very small change: gradient times the nudge is the prediction. " +
    "Measured is the cost with the nudge really made, minus the cost without. The two part ways as the nudge grows.";
  const formula = found && formulaOf(found);
  return formula ? { text, formula: formula.outerHTML } : { text };
}

export function svg(model: Model): string {
  return nudgeFigure(outcomes.get(model), curves.get(model), summary(model));
}

export default {
  render,
  title: "Nudge",
  blocks: ["trace", "theta"],
  summary,
  table,
  svg,
  explain,
} satisfies View;
