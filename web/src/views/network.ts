// The stage: one still picture of the network, and five lenses that say what light means.

import type { Explanation, Model, Table, View } from "../view";
import type { Place } from "../wire";
import { Damage } from "../drawing/damage";
import { calm, framed, h, listen, say } from "../drawing/dom";
import { count } from "../drawing/format";
import { edgeAt, neuronAt, pixelAt, walk, type Hit } from "../drawing/hit";
import { NARROW, place as placeOf, window as windowOf } from "../drawing/layout";
import { lensOf, passedBack } from "../drawing/lens";
import { Bar } from "../drawing/lensbar";
import { EXPONENT, paint } from "../drawing/paint";
import { SvgPen } from "../drawing/pen";
import { exampleAt, Examples, rangeOf } from "../drawing/plane";
import { Stage, valuesOf } from "../drawing/scene";
import { Stopwatch } from "../drawing/stopwatch";
import { summary } from "../drawing/summary";
import { missing, tell } from "../drawing/tell";
import { silentNames, silentOf } from "../silencer";
import "./network.css";

const KEYS = new Set([
  "ArrowLeft",
  "ArrowRight",
  "ArrowUp",
  "ArrowDown",
  "PageUp",
  "PageDown",
  "Home",
  "End",
]);
const WATCHED = [
  "state",
  "frame",
  "place",
  "example",
  "lens",
  "scope",
  "edges",
  "perceptrons",
  "silent",
  "stage",
] as const;

export function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const picture = new NetworkPicture(model, el);
  return () => picture.remove();
}

class NetworkPicture {
  private readonly stage = new Stage();
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
  private readonly damage: Damage;
  private readonly stops: (() => void)[] = [];
  private hovered: Hit | null = null;
  private width = 0;
  private height = 0;
  private readonly watch = new Stopwatch();

  constructor(
    private readonly model: Model,
    private readonly el: HTMLElement,
  ) {
    const pen = this.canvas.getContext("2d", { alpha: false });
    if (!pen) throw new Error("This browser has no canvas.");
    this.pen = pen;
    this.bar = new Bar(model);
    this.damage = new Damage(model, () => this.frames.ask());
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
    this.speak.ask(); // what is there already changes no more
  }

  private on(name: (typeof WATCHED)[number]): void {
    const changed = () => {
      if (name === "lens" || name === "example" || name === "scope") this.fade();
      if (name === "place") this.reveal();
      if (name === "state") this.stage.examples?.ask();
      if (name !== "frame") this.speak.ask();
      this.frames.ask();
      if (name !== "frame") this.bar.show();
      this.damage.ask();
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
    this.watch.took(performance.now() - began, this.el);
    const [state, frame] = [this.model.get("state"), this.model.get("frame")];
    this.el.dataset["run"] = String(state?.run ?? "");
    this.el.dataset["step"] = String(frame?.step ?? state?.step ?? "");
    const legend = scene ? this.stage.legend(this.model) : null;
    this.bar.legend(legend);
    say(this.note, missing(this.model, this.stage, this.damage));
    this.point();
  }

  private scene() {
    return this.stage.scene(
      this.model,
      this.width,
      this.height,
      this.hovered,
      this.damage.measured,
    );
  }

  private wait(): void {
    this.pen.fillStyle = "#14171f";
    this.pen.fillRect(0, 0, this.width, this.height);
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
    const [range, box, examples] = [
      rangeOf(this.model),
      this.stage.at?.picture,
      this.stage.examples,
    ];
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
    const text = hit && tell(this.model, hit, this.stage, this.damage.measured);
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
      say(this.said, tell(this.model, place, this.stage, this.damage.measured));
  }

  remove(): void {
    for (const stop of this.stops) stop();
    for (const timer of [this.frames, this.speak, this.damage]) timer.stop();
    this.el.replaceChildren();
  }
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
      rows.push([
        l,
        j + 1,
        at("a", j),
        at("z", j),
        at("b", j),
        wish ? -wish[j] : null,
        at("delta", j),
      ]);
      places.push({ layer: l, neuron: j, input: null });
    }
  }
  const silent = silentNames(silentOf(model));
  const without = silent && `; silenced: ${silent}`;
  const caption = state
    ? `Every neuron of the ${state.sizes.join("-")} network for the chosen example, at step ${count(model.get("frame")?.step ?? state.step)}${without}`
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
