// The stage: one still picture of the network, and five lenses that say what light means.

import type { Explanation, Lens, Model, Scope, Table, View } from "../view";
import type { Place } from "../wire";
import { framed, h, listen, say, calm } from "../drawing/dom";
import { count, fixed, list, number, plural, probability, signedNumber } from "../drawing/format";
import { edgeAt, neuronAt, pixelAt, walk, type Hit } from "../drawing/hit";
import { NARROW, place as placeOf, window as windowOf } from "../drawing/layout";
import { LENSES, lensOf, isUnit, passedBack, type Measured } from "../drawing/lens";
import { exampleAt, Examples, rangeOf } from "../drawing/plane";
import { best, EXPONENT, paint } from "../drawing/paint";
import { SvgPen } from "../drawing/pen";
import { SCOPES } from "../drawing/scale";
import { type Legend, outputNames, Stage, valuesOf } from "../drawing/scene";
import "./network.css";

const KEYS = new Set([
  "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End",
]);
/** How many connections the slider offers. */
const EDGES = [0, 40, 80, 160, 320, 640, 1000, 1500];
const WATCHED = [
  "state", "frame", "place", "example", "lens", "scope", "edges", "perceptrons", "stage",
] as const;

export function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const picture = new NetworkPicture(model, el);
  return () => picture.remove();
}

class NetworkPicture {
  private readonly stage = new Stage();
  private readonly measured: Measured = {};
  private readonly canvas = h("canvas", { role: "img" });
  private readonly ghost = h("canvas", { class: "stage-ghost", "aria-hidden": "true" });
  private readonly tip = h("div", { class: "stage-tip", hidden: true });
  private readonly note = h("p", { class: "stage-note", role: "status" });
  private readonly said = h("div", { class: "stage-said", "aria-live": "polite" });
  private readonly box = h("div", {
    class: "stage-canvas",
    tabindex: 0,
    role: "group",
    "aria-label": "The network. Arrow keys walk over its neurons, Escape gives them up.",
  });
  private readonly bar: Bar;
  private readonly pen: CanvasRenderingContext2D;
  private readonly frames = framed(() => this.draw());
  private readonly speak = calm(() => this.announce(), 1000);
  private readonly measure = calm(() => void this.damage(), 1500);
  private readonly stops: (() => void)[] = [];
  private hovered: Hit | null = null;
  private width = 0;
  private height = 0;
  private times: number[] = [];

  constructor(
    private readonly model: Model,
    private readonly el: HTMLElement,
  ) {
    const pen = this.canvas.getContext("2d", { alpha: false });
    if (!pen) throw new Error("This browser has no canvas.");
    this.pen = pen;
    this.bar = new Bar(model);
    this.stage.examples = new Examples(model, () => this.frames.ask());
    this.stage.examples.ask();
    this.box.append(this.canvas, this.ghost, this.note, this.tip);
    el.append(h("div", { class: "stage-view" }, this.bar.top, this.box, this.bar.foot, this.said));
    for (const name of WATCHED) this.on(name);
    const size = new ResizeObserver(() => this.resize());
    size.observe(this.box);
    this.stops.push(
      () => size.disconnect(),
      listen(this.box, "pointermove", (e: PointerEvent) => this.hover(e)),
      listen(this.box, "pointerleave", () => this.leave()),
      listen(this.box, "click", (e: MouseEvent) => this.choose(e)),
      listen(this.box, "keydown", (e: KeyboardEvent) => this.key(e)),
      listen(this.box, "wheel", (e: WheelEvent) => this.wheel(e), { passive: false }),
    );
    this.resize();
  }

  private on(name: (typeof WATCHED)[number]): void {
    const changed = () => {
      if (name === "lens" || name === "example" || name === "scope") this.fade();
      if (name === "place") this.reveal();
      if (name === "state") this.stage.examples?.ask();
      if (name !== "frame") this.speak.ask();
      this.frames.ask();
      this.bar.show();
      if (this.model.get("lens") === "damage") this.measure.ask();
    };
    this.model.on(`change:${name}`, changed);
    this.stops.push(() => this.model.off(`change:${name}`, changed));
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.box;
    if (!clientWidth || !clientHeight) return;
    const dots = window.devicePixelRatio || 1;
    this.width = clientWidth;
    this.height = clientHeight;
    for (const canvas of [this.canvas, this.ghost]) {
      canvas.width = Math.round(clientWidth * dots);
      canvas.height = Math.round(clientHeight * dots);
    }
    this.pen.setTransform(dots, 0, 0, dots, 0, 0);
    this.draw();
  }

  private draw(): void {
    if (!this.width) return;
    const began = performance.now();
    const scene = this.scene();
    if (scene) paint(this.pen, scene);
    else this.wait();
    this.clock(performance.now() - began);
    const [state, frame] = [this.model.get("state"), this.model.get("frame")];
    this.el.dataset["run"] = String(state?.run ?? "");
    this.el.dataset["step"] = String(frame?.step ?? state?.step ?? "");
    const legend = scene ? this.stage.legend(this.model) : null;
    this.bar.legend(legend);
    say(this.note, this.waiting());
    this.point();
  }

  private scene() {
    return this.stage.scene(this.model, this.width, this.height, this.hovered, this.measured);
  }

  /** Script of the last frames, half of them below the first number: for who measures it. */
  private clock(ms: number): void {
    if (this.times.push(ms) < 30) return;
    const sorted = this.times.sort((one, other) => one - other);
    this.el.dataset["ms"] = fixed(sorted[15], 2);
    this.el.dataset["msWorst"] = fixed(sorted[29], 2);
    this.times = [];
  }

  private wait(): void {
    this.pen.fillStyle = "#14171f";
    this.pen.fillRect(0, 0, this.width, this.height);
  }

  /** What has no numbers yet says why. */
  private waiting(): string {
    const state = this.model.get("state");
    if (!state) return "No network yet: the server has not said what it trains.";
    if (!this.stage.hasValues) return "The network's numbers are on their way.";
    if (this.stage.lens === "damage") return this.damageText();
    return "";
  }

  private damageText(): string {
    if (!this.measured.damage) return "Measuring what each neuron is worth.";
    const at = this.measuredAt;
    const chosen = this.measured.cut
      ? ` Connections: those into layer ${this.measured.cut.layer}, neuron ${this.measured.cut.neuron + 1}.`
      : " Choose a neuron to measure its connections.";
    return `Measured on the ${at.part} examples at step ${count(at.step)}.${chosen}`;
  }

  private measuredAt = { run: -1, step: -1, part: "test", place: "" };

  /** Asks what neurons are worth, once for each still network and place. */
  private async damage(): Promise<void> {
    const [state, place] = [this.model.get("state"), this.model.get("place")];
    if (!state || this.model.get("lens") !== "damage") return;
    const part = state.data.rows.test ? "test" : "train";
    const chosen = place ? `${place.layer}.${place.neuron}` : "";
    const was = this.measuredAt;
    const fresh = was.run === state.run && was.step === state.step;
    if (fresh && was.place === chosen) return;
    this.measuredAt = { run: state.run, step: state.step, part, place: chosen };
    try {
      if (!fresh) {
        const { blocks } = await this.model.ask({ do: "damage", part });
        this.measured.damage = Object.fromEntries(
          Object.entries(blocks).map(([name, block]) => [name, block.data.slice()]),
        );
      }
      delete this.measured.cut;
      if (place) await this.cut(place, part);
    } catch (error) {
      this.measuredAt.run = -1;
      say(this.said, (error as Error).message);
    }
    this.frames.ask();
  }

  private async cut(place: Place, part: string): Promise<void> {
    const { layer, neuron } = place;
    const answer = await this.model.ask({ do: "cut", layer, neuron, part });
    const [lost, inputs] = [answer.blocks["lost"], answer["inputs"] as number[] | undefined];
    const n = this.model.get("state")?.sizes[layer - 1] ?? 0;
    if (!lost || !inputs) return;
    const all = new Float32Array(n);
    lost.data.forEach((value, i) => (all[inputs[i]] = value));
    this.measured.cut = { layer, neuron, lost: all };
  }

  /** The picture that was fades into the one that is; not while it trains. */
  private fade(): void {
    if (this.model.get("still") || this.model.get("state")?.phase === "training") return;
    const pen = this.ghost.getContext("2d");
    if (!pen || !this.width) return;
    pen.drawImage(this.canvas, 0, 0);
    this.ghost.classList.remove("leaving");
    this.ghost.style.opacity = "1";
    requestAnimationFrame(() => {
      this.ghost.classList.add("leaving");
      this.ghost.style.opacity = "0";
    });
  }

  private hitOf(event: MouseEvent, reach: number): Hit | null {
    const at = this.stage.at;
    if (!at) return null;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    return (
      neuronAt(at, x, y, reach) ??
      edgeAt(at, this.stage.edges, this.stage.layers, x, y) ??
      this.pixel(x, y)
    );
  }

  /** A pixel of the picture is the input of the chosen neuron of layer 1. */
  private pixel(x: number, y: number): Hit | null {
    const [at, place, state] = [this.stage.at, this.model.get("place"), this.model.get("state")];
    const image = state?.data.image;
    if (!at || !image || place?.layer !== 1) return null;
    const input = pixelAt(at, image, x, y);
    return input === null ? null : { layer: 1, neuron: place.neuron, input };
  }

  private hover(event: PointerEvent): void {
    if (event.pointerType === "touch") return;
    const hit = this.hitOf(event, 4);
    const same = JSON.stringify(hit) === JSON.stringify(this.hovered);
    this.hovered = hit;
    this.box.style.cursor = hit ? "pointer" : "";
    if (!same) this.frames.ask();
  }

  private leave(): void {
    this.hovered = null;
    this.frames.ask();
  }

  private choose(event: MouseEvent): void {
    const hit = this.hitOf(event, 10);
    if (hit?.layer === 0 || (!hit && this.example(event))) return;
    this.model.set("place", hit);
    this.model.save_changes();
  }

  /** A click on an example of the plane chooses it. */
  private example(event: MouseEvent): boolean {
    const [range, box, examples] = [rangeOf(this.model), this.stage.at?.picture, this.stage.examples];
    if (!range || !box || !examples) return false;
    const at = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - at.left, event.clientY - at.top];
    const found = exampleAt(examples.points, range, box, x, y);
    if (!found) return false;
    this.model.set("example", found);
    this.model.save_changes();
    return true;
  }

  private key(event: KeyboardEvent): void {
    const state = this.model.get("state");
    if (!state || !KEYS.has(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const down = this.width < NARROW;
    this.model.set("place", walk(state.sizes, this.model.get("place"), event.key, down));
    this.model.save_changes();
  }

  /** Over a layer that is shown in part, the wheel turns to its other neurons. */
  private wheel(event: WheelEvent): void {
    const at = this.stage.at;
    const box = this.canvas.getBoundingClientRect();
    const along = at?.down ? event.clientY - box.top : event.clientX - box.left;
    const r = at?.ranks.find((rank) => rank && Math.abs(along - rank.along) < 40);
    if (!r || r.shown === r.size) return;
    event.preventDefault();
    this.stage.first[r.layer] = Math.max(
      0,
      Math.min(r.size - r.shown, r.first + Math.sign(event.deltaY) * 3),
    );
    this.frames.ask();
  }

  /** A chosen neuron that is not on screen comes on screen. */
  private reveal(): void {
    const place = this.model.get("place");
    const ranks = this.stage.at?.ranks;
    if (!place || !ranks) return;
    const all = [{ layer: place.layer, neuron: place.neuron }];
    if (place.input !== null) all.push({ layer: place.layer - 1, neuron: place.input });
    for (const { layer, neuron } of all) {
      const r = ranks[layer];
      if (r && r.shown < r.size) this.stage.first[layer] = windowOf(r, neuron);
    }
  }

  /** The words beside what is under the hand. */
  private point(): void {
    const [hit, at] = [this.hovered, this.stage.at];
    const text = hit && tell(this.model, hit, this.stage, this.measured);
    this.tip.hidden = !text;
    if (!text || !hit || !at) return;
    say(this.tip, text);
    const shown = at.ranks[hit.layer] ? placeOf(at, hit.layer, hit.neuron) : [0, 0];
    const left = Math.min(shown[0] + 16, this.width - 190);
    const top = Math.min(Math.max(4, shown[1] - 20), this.height - 90);
    this.tip.style.left = `${Math.max(4, left)}px`;
    this.tip.style.top = `${top}px`;
  }

  private announce(): void {
    this.canvas.setAttribute("aria-label", summary(this.model));
    const place = this.model.get("place");
    if (place && document.activeElement === this.box)
      say(this.said, tell(this.model, place, this.stage, this.measured));
  }

  remove(): void {
    for (const stop of this.stops) stop();
    for (const timer of [this.frames, this.speak, this.measure]) timer.stop();
    this.el.replaceChildren();
  }
}

/** The lenses, the legend, the scale and the number of connections. */
class Bar {
  readonly top = h("div", { class: "stage-bar" });
  readonly foot = h("div", { class: "stage-foot" });
  private readonly buttons: HTMLButtonElement[];
  private readonly words = h("p", { class: "stage-legend" });
  private readonly scope = h("select", { name: "scope" });
  private readonly slider = h("input", {
    type: "range", name: "edges", min: 0, max: EDGES.length - 1, step: 1,
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
    this.slider.addEventListener("input", () => this.put("edges", EDGES[Number(this.slider.value)]));
    this.step.addEventListener("change", () => this.put("perceptrons", this.step.checked));
    this.foot.append(
      h("label", {}, "Full strength: largest of", this.scope),
      h("label", {}, "Connections", this.slider, this.shown),
      h("label", {}, this.step, "As perceptrons"),
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
      button.setAttribute("aria-pressed", String(LENSES[i].name === lens)));
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
    this.words.append(`Neurons: ${words.neurons}. Lines: ${words.connections}, `, plus, " ", minus, rest);
    if (words.rest) this.words.append(h("span", { class: "stage-rest" }, `; ${words.rest}`));
    this.words.title = `Line width grows with the value to the power of ${EXPONENT}.`;
  }
}

/** What is at a place, in words and numbers. */
function tell(model: Model, hit: Hit, stage: Stage, measured: Measured): string {
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
  const [z, a, b] = [values[`z${layer}`], values[`a${layer}`], values[`b${layer}`]];
  if (a) lines.push(`a = ${isUnit(state.activations[layer - 1]) ? probability(a[neuron]) : number(a[neuron])}`);
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

export function summary(model: Model): string {
  const state = model.get("state");
  if (!state) return "No network is loaded.";
  const sizes = state.sizes.join("-");
  const values = valuesOf(model.get("frame"), state);
  const outputs = values[`a${state.sizes.length - 1}`];
  const step = model.get("frame")?.step ?? state.step;
  const head = `A ${sizes} network on ${state.data.name} at step ${count(step)}`;
  if (!outputs) return `${head}.`;
  const names = outputNames(state);
  const top = best(outputs, names);
  const last = state.activations[state.activations.length - 1];
  const says =
    outputs.length === 1
      ? `its output is ${number(outputs[0])}`
      : `its strongest output is ${top.name} with ${isUnit(last) ? top.text : number(top.value)}`;
  const hidden = state.sizes.slice(1, -1).map((_, i) =>
    bright(values[`a${i + 1}`], i + 1, isUnit(state.activations[i]) ? 0.5 : 0));
  const lit = list(hidden.filter((text): text is string => text !== null));
  return `${head}: ${says}${lit ? `; ${lit}` : ""}.`;
}

function bright(a: Float32Array | undefined, layer: number, over: number): string | null {
  if (!a) return null;
  let on = 0;
  for (const value of a) if (value > over) on++;
  return `${on} of ${plural(a.length, "neuron")} of layer ${layer} above ${over}`;
}

export function table(model: Model): Table {
  const columns = ["layer", "neuron", "a", "z", "b", "∂C/∂a", "∂C/∂z = ∂C/∂b"];
  const state = model.get("state");
  const values = valuesOf(model.get("frame"), state);
  const rows: (string | number | null)[][] = [];
  const places: Place[] = [];
  const L = (state?.sizes.length ?? 1) - 1;
  for (let l = 1; l <= L; l++) {
    const n = state?.sizes[l] ?? 0;
    const wish = passedBack(values[`w${l + 1}`], values[`delta${l + 1}`], new Float32Array(n));
    const at = (name: string, j: number) => values[`${name}${l}`]?.[j] ?? null;
    for (let j = 0; j < n; j++) {
      rows.push([l, j + 1, at("a", j), at("z", j), at("b", j), wish ? -wish[j] : null, at("delta", j)]);
      places.push({ layer: l, neuron: j, input: null });
    }
  }
  const caption = state
    ? `Every neuron of the ${state.sizes.join("-")} network for the chosen example, at step ${count(model.get("frame")?.step ?? state.step)}`
    : "No network";
  return { caption, columns, rows, places };
}

export function explain(model: Model): Explanation | null {
  const lens = lensOf(model.get("lens"));
  return {
    text:
      `Light shows ${lens.neurons}; lines show ${lens.connections}, blue and solid above zero, ` +
      "orange and dashed below. The picture never moves: only what light means changes. " +
      `Only the strongest lines are drawn, their width as |value / largest|^${EXPONENT}; ` +
      "lines from the input picture are the sum over its pixels.",
  };
}

/** The stage as it would be at 1,100 x 680, as an SVG document. */
export function svg(model: Model): string {
  const [width, height] = [1100, 680];
  const pen = new SvgPen(width, height, summary(model));
  const scene = new Stage().scene(model, width, height, null, {});
  if (scene) paint(pen, scene);
  return pen.text();
}

export default {
  render,
  title: "The network",
  blocks: ["trace", "theta", "plane"],
  summary,
  table,
  explain,
  svg,
} satisfies View;
