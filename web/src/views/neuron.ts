// The chosen neuron, opened: its weights beside weights × input, the sum that makes its
// activation, the examples that it answers to most, and what the network is worth without it.

import type { Explanation, Model, Table, View } from "../view";
import type { Answer, Command, Place } from "../wire";
import { curveOf, WORDS } from "../drawing/activation";
import { calm, framed, h, PACE_MS, say } from "../drawing/dom";
import {
  className,
  type Facts,
  factsOf,
  inside,
  type Inside,
  keyOf,
  known,
  nameOf,
  worth,
} from "../drawing/facts";
import { curveGraph, formulaOf, joined, show } from "../drawing/figures";
import { count, fixed, list, percent, plural, signedNumber } from "../drawing/format";
import { Latest } from "../drawing/latest";
import { shapeOf } from "../drawing/picture";
import { Rows } from "../drawing/rows";
import { full, largest, linear } from "../drawing/scale";
import { valuesOf } from "../drawing/scene";
import { Seen } from "../drawing/seen";
import { SilenceSwitch } from "../drawing/silence";
import { neuronFigure } from "../drawing/sheets";
import { showStrongest } from "../drawing/strip";
import "./rail.css";

export function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const panel = new NeuronPanel(model, el);
  return () => panel.remove();
}

const MINE = ["place", "example", "scope", "perceptrons", "silent"] as const;

class NeuronPanel {
  private readonly name = h("h3", { class: "rail-name" });
  private readonly body = h("div", { class: "rail-view" });
  private readonly empty = h("p", { class: "rail-quote" });
  private readonly weights = new Seen("weights w");
  private readonly products = new Seen("w × input");
  private readonly numbers = new Rows();
  private readonly formula = h("div", {
    class: "rail-formula",
    tabindex: 0,
    role: "group",
    "aria-label": "The formula with its numbers",
  });
  private readonly graph = h("div");
  private readonly bias = h("input", {
    type: "range",
    min: 0,
    max: 1000,
    "aria-label": "Bias",
  });
  private readonly biasValue = h("span", { class: "value" });
  private readonly lights = h("h3", {}, "Lights up most for");
  private readonly strip = h("ul", { class: "rail-strip" });
  private readonly silenced = new Rows();
  private readonly found = h("div", { class: "rail-view" });
  private readonly age = h("p", { class: "rail-note" });
  private readonly sentence = h("p", { class: "rail-quote" });
  private readonly error = h("p", { class: "rail-error", role: "status" });
  private readonly switch = h("input", { type: "checkbox" });
  private readonly quiet: SilenceSwitch;
  private readonly frames = framed(() => this.draw());
  /** Numbers that change thirty times a second cannot be read. */
  private readonly paced = calm(() => this.frames.ask(), PACE_MS);
  private readonly facts: Latest;
  private readonly again = calm(() => this.ask(), 1500);
  private readonly edit: Latest;
  private readonly stops: (() => void)[] = [];
  private reach = 5;
  private reachKey = "";
  private drawnGraph = "";
  private told: Facts | null = null;

  constructor(
    private readonly model: Model,
    private readonly el: HTMLElement,
  ) {
    this.facts = new Latest(
      model,
      (answer, command) => this.learn(answer, command),
      (words) => say(this.error, words),
    );
    this.edit = new Latest(
      model,
      () => say(this.error, ""),
      (words) => say(this.error, words),
    );
    this.quiet = new SilenceSwitch(model);
    this.build();
    for (const name of [...MINE, "state", "frame"] as const) {
      const changed = () => {
        if (name === "frame") this.paced.ask();
        else this.frames.ask();
        if (name === "place" || name === "example" || name === "silent") this.ask();
        if (name === "state") this.again.ask();
      };
      model.on(`change:${name}`, changed);
      this.stops.push(() => model.off(`change:${name}`, changed));
    }
    this.again.ask();
    this.draw();
  }

  private build(): void {
    const pair = h("div", { class: "rail-pair" }, this.weights.figure, this.products.figure);
    const slide = h(
      "label",
      { class: "rail-slide" },
      h("span", {}, "Bias"),
      this.biasValue,
      this.bias,
    );
    const perceptrons = h(
      "label",
      { class: "rail-check" },
      this.switch,
      "As a perceptron: a step instead",
    );
    this.body.append(
      pair,
      this.numbers.el,
      this.formula,
      slide,
      h("h3", {}, "From z to a"),
      this.graph,
      perceptrons,
      this.quiet.el,
      this.found,
    );
    this.found.append(
      this.lights,
      this.strip,
      h("h3", {}, "Silenced"),
      this.silenced.el,
      this.age,
      this.sentence,
    );
    this.el.append(h("div", { class: "rail-view" }, this.name, this.empty, this.body, this.error));
    this.bias.addEventListener("input", () => this.slide());
    this.switch.addEventListener("change", () => {
      this.model.set("perceptrons", this.switch.checked);
      this.model.save_changes();
    });
    for (const seen of [this.weights, this.products])
      seen.canvas.addEventListener("click", (event) => this.pick(event, seen));
  }

  private ask(): void {
    const [place, state] = [this.model.get("place"), this.model.get("state")];
    if (!place || !state || state.phase === "loading") return;
    const facts = factsOf(this.model);
    const edits = JSON.stringify(state.edits);
    // While it trains, what was measured stays, and says of which step it is.
    if (
      facts &&
      (state.phase === "training" || (facts.step === state.step && facts.edits === edits))
    )
      return;
    const { layer, neuron } = place;
    this.facts.ask({ do: "neuron", layer, neuron, example: this.model.get("example") });
  }

  private learn(answer: Answer, command: Command): void {
    const { blocks } = answer;
    const state = this.model.get("state");
    const [layer, neuron] = [Number(command["layer"]), Number(command["neuron"])];
    known.set(this.model, {
      key: keyOf(this.model, layer, neuron, command["example"]),
      step: Number(answer["step"] ?? state?.step ?? -1),
      edits: JSON.stringify(state?.edits ?? []),
      sentence: String(answer["sentence"] ?? ""),
      strongest: (answer["strongest"] as Facts["strongest"] | undefined) ?? [],
      silenced: (answer["silenced"] as Facts["silenced"] | undefined) ?? null,
      w: blocks["w"]?.data.slice() ?? new Float32Array(),
      b: blocks["b"]?.data[0] ?? NaN,
      pictures: blocks["strongest_x"]?.data.slice() ?? null,
    });
    say(this.error, "");
    this.frames.ask();
  }

  private draw(): void {
    const [inner, place] = [inside(this.model), this.model.get("place")];
    this.body.hidden = !inner;
    this.empty.hidden = Boolean(inner);
    say(this.name, place ? nameOf(this.model, place) : "No neuron is chosen");
    if (!inner) {
      say(
        this.empty,
        place
          ? "Its numbers are on their way."
          : "Choose a neuron or a connection in the picture, or walk to one with the arrow keys.",
      );
      return;
    }
    this.pictures(inner);
    this.sums(inner);
    this.slider(inner);
    this.curve(inner);
    this.quiet.show(inner.place);
    this.switch.checked = this.model.get("perceptrons");
    this.switch.disabled =
      this.model.get("state")?.activations[inner.place.layer - 1] === "softmax";
    const facts = factsOf(this.model);
    this.found.hidden = !facts;
    if (facts) this.tell(facts);
  }

  /** What was measured; of which step, where the network has gone on since. */
  private tell(facts: Facts): void {
    const now = this.model.get("frame")?.step ?? facts.step;
    this.sentence.hidden = !facts.sentence || now !== facts.step;
    say(this.sentence, facts.sentence);
    say(this.age, now === facts.step ? "" : `Measured at step ${count(facts.step)}.`);
    if (this.told === facts) return;
    this.told = facts;
    this.lights.hidden = !facts.strongest.length;
    showStrongest(this.strip, this.model, facts);
    this.silenced.el.dataset["after"] = String(facts.silenced?.after ?? "");
    this.silenced.show(worth(this.model, facts));
  }

  private pictures({ w, x, n, place }: Inside): void {
    const state = this.model.get("state");
    const image = place.layer === 1 ? shapeOf(state?.data.image ?? null, n) : null;
    const products = new Float32Array(w && x ? n : 0);
    for (let k = 0; k < products.length; k++) products[k] = (w?.[k] ?? 0) * (x?.[k] ?? 0);
    const from = place.layer === 1 ? "inputs" : `the ${n} neurons of layer ${place.layer - 1}`;
    this.weights.show(
      w ?? new Float32Array(n),
      image,
      place.input,
      this.full(w, place),
      `Weights from ${from}`,
    );
    this.products.show(products, image, place.input, largest(products), "Weights times input");
    say(
      this.products.caption,
      place.layer === 1 ? "w × input" : `w × a of layer ${place.layer - 1}`,
    );
  }

  /** What full strength means, by the scope that was chosen. */
  private full(w: Float32Array | undefined, { layer, neuron }: Place): number {
    const values = valuesOf(this.model.get("frame"), this.model.get("state"));
    const layers: (Float32Array | undefined)[] = [];
    for (let l = 1; values[`w${l}`]; l++) layers[l] = values[`w${l}`];
    if (!layers[layer]) return largest(w ?? []);
    return full(layers, layer, neuron, w?.length ?? 0, this.model.get("scope"));
  }

  private sums({ sum, b, z, a, activation, silent, place }: Inside): void {
    const over = place.layer === 1 ? "Σ w·x" : "Σ w·a";
    this.numbers.show([
      [over, signedNumber(sum), sum],
      ["bias b", signedNumber(b), b],
      [`z = ${over} + b`, signedNumber(z), null],
      [silent ? "a, silenced" : `a = ${WORDS[activation] ?? activation}(z)`, show(a, activation), null, true],
    ]);
    this.formula.hidden = silent;
    const text = [activation, sum, b, a].join();
    if (this.formula.dataset["of"] === text) return;
    this.formula.dataset["of"] = text;
    this.formula.replaceChildren(formulaOf(sum, b, a, activation));
  }

  private slider({ b, place }: Inside): void {
    if (document.activeElement === this.bias && this.bias.matches(":active")) return;
    const key = `${place.layer}.${place.neuron}`;
    if (this.reachKey !== key || Math.abs(b) > this.reach) {
      this.reachKey = key;
      this.reach = Math.max(5, Math.ceil(2 * Math.abs(b)));
    }
    const at = linear(-this.reach, this.reach, 0, 1000).at(b);
    this.bias.value = String(Math.round(at));
    this.bias.setAttribute("aria-valuetext", signedNumber(b));
    say(this.biasValue, signedNumber(b));
  }

  /** A dragged bias is an edit: all that depends on it answers at once. */
  private slide(): void {
    const place = this.model.get("place");
    if (!place) return;
    const value = linear(-this.reach, this.reach, 0, 1000).back(Number(this.bias.value));
    const rounded = Math.round(value * 100) / 100;
    say(this.biasValue, signedNumber(rounded));
    this.bias.setAttribute("aria-valuetext", signedNumber(rounded));
    this.edit.ask({ do: "edit", place: { ...place, input: null }, value: rounded });
  }

  private curve({ z, a: real, activation, silent, place }: Inside): void {
    const smooth = this.model.get("state")?.activations[place.layer - 1] ?? activation;
    const f = curveOf(smooth);
    const a = silent && f ? f(z) : real; // what it would be
    const key = [smooth, activation, fixed(z, 3), fixed(a, 3)].join();
    if (key === this.drawnGraph) return;
    this.drawnGraph = key;
    if (!f || !Number.isFinite(z) || !Number.isFinite(a)) {
      const why = f
        ? "z or a is no number: the training has diverged."
        : "Softmax is exp(z) over the sum of all outputs' exp(z), so there is no curve of one z.";
      this.graph.replaceChildren(h("p", { class: "rail-note" }, why));
      return;
    }
    this.graph.replaceChildren(curveGraph(smooth, f, activation === "step", z, a));
  }

  /** A click on a pixel chooses its weight. */
  private pick(event: MouseEvent, seen: Seen): void {
    const place = this.model.get("place");
    const input = seen.at(event);
    if (!place || input === null) return;
    this.model.set("place", { ...place, input });
    this.model.save_changes();
  }

  remove(): void {
    for (const stop of this.stops) stop();
    for (const one of [this.frames, this.paced, this.again, this.facts, this.edit]) one.stop();
    this.el.replaceChildren();
  }
}

export function summary(model: Model): string {
  const inner = inside(model);
  if (!inner) return "No neuron is chosen.";
  const { sum, b, z, a, activation, silent, place } = inner;
  const head =
    `${nameOf(model, place)}: ${signedNumber(sum)} from its inputs and ${signedNumber(b)} ` +
    `of bias make z = ${signedNumber(z)}, ` +
    (silent ? "and silenced it gives a = 0" : `so a ${joined(a, activation).join(" ")}`);
  const facts = factsOf(model);
  const silenced = facts?.silenced;
  if (!silenced || facts.step !== model.get("frame")?.step) return `${head}.`;
  const { part, before, after, rows } = silenced;
  return `${head}. Silenced, ${part} accuracy goes from ${percent(before, rows)} to ${percent(after, rows)}.`;
}

export function table(model: Model): Table {
  const inner = inside(model);
  const columns = ["input", "weight w", "input x", "w × x"];
  if (!inner) return { caption: "No neuron is chosen", columns, rows: [] };
  const { w, x, n, place } = inner;
  const names = place.layer === 1 ? model.get("state")?.data.inputs : null;
  const rows = Array.from({ length: n }, (_, k) => {
    const [weight, value] = [w?.[k] ?? null, x?.[k] ?? null];
    const product = weight === null || value === null ? null : weight * value;
    return [names?.[k] ?? k + 1, weight, value, product];
  });
  const places = rows.map((_, k) => ({ ...place, input: k }));
  return {
    caption: `${nameOf(model, place)}: its ${plural(n, "weight")}`,
    columns,
    rows,
    places,
  };
}

export function explain(model: Model): Explanation | null {
  const inner = inside(model);
  if (!inner) return null;
  const { n, activation } = inner;
  const strongest =
    factsOf(model)?.strongest.map((one) =>
      one.label === null ? count(one.index) : className(model, one.label),
    ) ?? [];
  return {
    text:
      `The neuron adds up ${plural(n, "weight")} times what comes in and its bias: z. Then ` +
      `${activation} makes a of z. Its strongest examples are ${list(strongest) || "not known yet"}; ` +
      "silenced means that a is 0 for every example.",
    formula: formulaOf(inner.sum, inner.b, inner.a, activation).outerHTML,
  };
}

export function svg(model: Model): string {
  return neuronFigure(model, inside(model), summary(model));
}

export default {
  render,
  title: "The chosen neuron",
  blocks: ["trace", "theta"],
  summary,
  table,
  svg,
  explain,
} satisfies View;
