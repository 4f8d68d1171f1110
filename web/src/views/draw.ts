// Draw: a digit by mouse, finger, keys or file; what is done to it before the network
// sees it, step by step; and what the network makes of it, also while it trains.

import type { Model, Table, View } from "../view";
import type { Answer, Example } from "../wire";
import { calm, framed, h, say } from "../drawing/dom";
import { number, probability } from "../drawing/format";
import { base64, contained, grey, slide, type Sheet } from "../drawing/ink";
import { Latest } from "../drawing/latest";
import { isUnit } from "../drawing/lens";
import { best } from "../drawing/paint";
import { Picture } from "../drawing/picture";
import { outputNames, valuesOf } from "../drawing/scene";
import "./draw.css";

/** The pad's own pixels along a side, and the cells that keys move over. */
const SIDE = 140;
const CELLS = 28;
const PEN = 11;
const SLIDE_MS = 320;
const DEEPEST = 20;

interface Step {
  name: string;
  sentence: string;
  sheet: Sheet;
}

/** What each page's pad last led to, for the table and the sentence. */
const steps = new WeakMap<Model, Step[]>();

export function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const pad = new Pad(model, el);
  return () => pad.remove();
}

class Pad {
  private readonly canvas = h("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
  private readonly cursor = h("i", { hidden: true });
  private readonly hint = h("span", { class: "draw-hint" }, "Draw a digit here");
  private readonly pad = h(
    "div",
    {
      class: "draw-pad", tabindex: 0, role: "application",
      "aria-label": "Drawing pad of 28 by 28 cells. Arrow keys move, space puts the pen down or lifts it, Delete clears.",
    },
    this.canvas, this.cursor, this.hint,
  );
  private readonly normalise = h("input", { type: "checkbox", checked: true });
  private readonly invert = h("input", { type: "checkbox" });
  private readonly noise = h("input", { type: "range", min: 0, max: 1, step: 0.05, value: 0, "aria-label": "Noise" });
  private readonly noiseValue = h("span", { class: "value" }, "0");
  private readonly shiftValue = h("span", { class: "draw-said" }, "not shifted");
  private readonly label = h("select", { "aria-label": "What it is meant to be" });
  private readonly strip = h("ul", { class: "draw-steps" });
  private readonly said = h("p", { class: "draw-said" });
  private readonly seen = h("canvas", { width: 112, height: 112, role: "img", "aria-label": "What the network sees" });
  private readonly best = h("div", { class: "draw-best" });
  private readonly sure = h("div");
  private readonly live = h("p", { class: "draw-said", role: "status" });
  private readonly outputs = h("dl", { class: "draw-outputs" });
  private readonly error = h("p", { class: "draw-error", role: "alert" });
  private readonly pen: CanvasRenderingContext2D;
  private readonly asking: Latest;
  private readonly soon = calm(() => this.ask(), 50);
  private readonly frames = framed(() => this.answer());
  private readonly speak = calm(() => this.announce(), 1000);
  private readonly stops: (() => void)[] = [];
  private readonly undone: ImageData[] = [];
  private shift: [number, number] = [0, 0];
  private seed = 0;
  private last: [number, number] | null = null;
  private cell: [number, number] = [CELLS / 2, CELLS / 4];
  private penDown = false;
  private chosen = -1;
  private playing = 0;
  private play = false;
  private inked = false;
  /** Number of the image file that is looked at instead of the pad. */
  private upload: number | null = null;
  private bars: { fill: HTMLElement; text: HTMLElement }[] = [];
  private barsOf = "";

  constructor(
    private readonly model: Model,
    private readonly el: HTMLElement,
  ) {
    const pen = this.canvas.getContext("2d", { willReadFrequently: true });
    if (!pen) throw new Error("This browser has no canvas.");
    this.pen = pen;
    this.wipe();
    this.asking = new Latest(model, (answer) => this.learn(answer), (words) => say(this.error, words));
    this.build();
    this.listen();
    for (const name of ["frame", "state", "example"] as const) {
      const changed = () => this.frames.ask();
      model.on(`change:${name}`, changed);
      this.stops.push(() => model.off(`change:${name}`, changed));
    }
    this.answer();
  }

  private build(): void {
    const button = (words: string, f: () => void, label = words) => {
      const b = h("button", { type: "button", class: "button", "aria-label": label }, words);
      b.addEventListener("click", f);
      return b;
    };
    const file = h("input", { type: "file", accept: "image/*", tabindex: -1, "aria-hidden": "true" });
    file.addEventListener("change", () => void this.open(file));
    const noise = h("label", { class: "draw-slide" }, h("span", {}, "Noise"), this.noiseValue, this.noise);
    this.noise.addEventListener("input", () => {
      say(this.noiseValue, this.noise.value);
      this.soon.ask();
    });
    for (const box of [this.normalise, this.invert])
      box.addEventListener("change", () => {
        this.play = box === this.normalise;
        this.soon.ask();
      });
    this.label.addEventListener("change", () => this.choose());
    const move = (right: number, down: number) => () => {
      this.shift = right || down ? [this.shift[0] + right, this.shift[1] + down] : [0, 0];
      say(this.shiftValue, shiftWords(this.shift));
      this.soon.ask();
    };
    this.el.append(
      h("div", { class: "draw-view" },
        this.pad,
        h("div", { class: "draw-row" }, button("Clear", () => this.clear()),
          button("Undo", () => this.undo(), "Undo the last stroke"),
          button("Image", () => file.click(), "Take an image file"), file),
        h("div", { class: "draw-answer" }, this.seen, h("div", {}, this.best, this.sure)),
        this.outputs,
        h("label", { class: "draw-check" }, this.normalise, "Normalise, as MNIST was"),
        this.strip, this.said,
        noise,
        h("div", { class: "draw-row" }, button("←", move(-1, 0), "Shift left"), button("→", move(1, 0), "Shift right"),
          button("↑", move(0, -1), "Shift up"), button("↓", move(0, 1), "Shift down"),
          button("Back", move(0, 0), "Back to no shift"), this.shiftValue),
        h("div", { class: "draw-row" }, h("label", { class: "draw-check" }, this.invert, "Inverted"),
          button("Other noise", () => { this.seed++; this.soon.ask(); })),
        h("label", { class: "draw-check" }, "It is meant to be", this.label),
        this.live, this.error,
      ),
    );
  }

  private listen(): void {
    const { pad } = this;
    pad.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      pad.focus({ preventScroll: true });
      pad.setPointerCapture(event.pointerId);
      this.remember();
      this.last = this.spot(event);
      this.line(this.last, this.last);
    });
    pad.addEventListener("pointermove", (event) => {
      if (!this.last) return;
      for (const one of event.getCoalescedEvents?.() ?? [event]) {
        const next = this.spot(one);
        this.line(this.last, next);
        this.last = next;
      }
    });
    const lift = () => {
      if (!this.last) return;
      this.last = null;
      this.play = true;
      this.soon.ask();
    };
    pad.addEventListener("pointerup", lift);
    pad.addEventListener("pointercancel", lift);
    pad.addEventListener("keydown", (event) => this.key(event));
    pad.addEventListener("focus", () => this.point());
    pad.addEventListener("blur", () => (this.cursor.hidden = true));
  }

  private spot(event: PointerEvent): [number, number] {
    const box = this.canvas.getBoundingClientRect();
    const at = (v: number, from: number, size: number) => ((v - from) / size) * SIDE;
    return [at(event.clientX, box.left, box.width), at(event.clientY, box.top, box.height)];
  }

  private line([x0, y0]: [number, number], [x1, y1]: [number, number]): void {
    this.pen.strokeStyle = "#fff";
    this.pen.lineWidth = PEN;
    this.pen.lineCap = this.pen.lineJoin = "round";
    this.pen.beginPath();
    this.pen.moveTo(x0, y0);
    this.pen.lineTo(x1 + 0.01, y1);
    this.pen.stroke();
    this.inked = true;
    this.hint.hidden = true;
    this.soon.ask();
  }

  private key(event: KeyboardEvent): void {
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
    };
    if (event.key === "Tab" || event.key === "Escape") return;
    if (event.ctrlKey && event.key === "z") this.undo();
    else if (event.ctrlKey || event.altKey || event.metaKey) return;
    else if (event.key === " ") this.togglePen();
    else if (event.key === "Delete" || event.key === "Backspace") this.clear();
    else if (steps[event.key]) this.step(steps[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.point();
  }

  private togglePen(): void {
    this.penDown = !this.penDown;
    if (this.penDown) {
      this.remember();
      this.line(this.middle(), this.middle());
    } else {
      this.play = true;
      this.soon.ask();
    }
  }

  private step([right, down]: [number, number]): void {
    const from = this.middle();
    const within = (v: number) => Math.max(0, Math.min(CELLS - 1, v));
    this.cell = [within(this.cell[0] + right), within(this.cell[1] + down)];
    if (this.penDown) this.line(from, this.middle());
  }

  private middle(): [number, number] {
    const each = SIDE / CELLS;
    return [(this.cell[0] + 0.5) * each, (this.cell[1] + 0.5) * each];
  }

  /** The keys' cursor stands where they would draw. */
  private point(): void {
    this.cursor.hidden = !this.pad.matches(":focus-visible");
    this.cursor.classList.toggle("down", this.penDown);
    this.cursor.style.left = `${(100 * this.cell[0]) / CELLS}%`;
    this.cursor.style.top = `${(100 * this.cell[1]) / CELLS}%`;
  }

  /** A stroke beside an image from a file begins a drawing of its own. */
  private remember(): void {
    this.undone.push(this.pen.getImageData(0, 0, SIDE, SIDE));
    if (this.undone.length > DEEPEST) this.undone.shift();
    if (this.upload === null) return;
    this.upload = null;
    this.wipe();
  }

  private undo(): void {
    const before = this.undone.pop();
    if (!before) return;
    this.pen.putImageData(before, 0, 0);
    this.inked = grey(before.data).some((level) => level > 0);
    this.soon.ask();
  }

  private wipe(): void {
    this.pen.fillStyle = "#000";
    this.pen.fillRect(0, 0, SIDE, SIDE);
    this.inked = false;
  }

  private clear(): void {
    if (this.inked) this.remember();
    this.wipe();
    this.penDown = false;
    this.upload = null;
    this.hint.hidden = false;
    this.strip.replaceChildren();
    say(this.said, "");
    say(this.error, "");
  }

  /** An image file goes to the server as it is, and onto the pad to be seen. */
  private async open(file: HTMLInputElement): Promise<void> {
    const chosen = file.files?.[0];
    file.value = "";
    if (!chosen) return;
    try {
      this.upload = await send(chosen);
    } catch (error) {
      say(this.error, (error as Error).message);
      return;
    }
    this.wipe();
    this.inked = true;
    this.hint.hidden = true;
    this.play = true;
    this.soon.ask();
    try {
      const image = await createImageBitmap(chosen);
      const by = SIDE / Math.max(image.width, image.height);
      const [width, height] = [image.width * by, image.height * by];
      this.pen.drawImage(image, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
    } catch {
      // Of a kind that the browser does not show; the server's steps below do.
    }
  }

  private ask(): void {
    if (!this.inked) return;
    const pixels = this.pen.getImageData(0, 0, SIDE, SIDE).data;
    const what = this.upload === null
      ? { ink: base64(grey(pixels)), shape: [SIDE, SIDE] }
      : { upload: this.upload };
    this.asking.ask({
      do: "draw",
      ...what,
      normalise: this.normalise.checked,
      noise: Number(this.noise.value),
      shift: this.shift,
      invert: this.invert.checked,
      seed: this.seed,
    });
  }

  private learn(answer: Answer): void {
    say(this.error, "");
    const flat = answer.blocks["x"]?.data ?? new Float32Array();
    type Said = { name: string; sentence: string; shape: [number, number]; offset: number };
    const found = ((answer["steps"] as Said[] | undefined) ?? []).map(
      ({ name, sentence, shape: [rows, columns], offset }) => ({
        name, sentence,
        sheet: { rows, columns, data: flat.slice(offset, offset + rows * columns) },
      }),
    );
    steps.set(this.model, found);
    this.choose();
    this.chosen = found.length - 1;
    this.showSteps(found);
    if (this.play && !this.model.get("still") && !this.last && !this.penDown) this.animate(found);
    else if (!this.playing) this.still(found[found.length - 1]?.sheet);
    this.play = false;
  }

  /** From now on the drawing is the example; with a label, one that has a cost. */
  private choose(): void {
    if (!steps.get(this.model)) return;
    const label = this.label.value === "" ? {} : { label: Number(this.label.value) };
    this.model.set("example", { drawn: true, ...label } as Example);
    this.model.save_changes();
  }

  private showSteps(found: readonly Step[]): void {
    this.strip.replaceChildren();
    found.forEach((step, i) => {
      const { rows, columns, data } = step.sheet;
      const picture = new Picture(rows, columns).ink(data);
      const button = h("button", { type: "button", "aria-pressed": String(i === this.chosen), title: step.sentence }, picture.canvas, step.name);
      button.addEventListener("click", () => {
        this.chosen = i;
        [...this.strip.querySelectorAll("button")].forEach((other, j) =>
          other.setAttribute("aria-pressed", String(j === i)));
        say(this.said, step.sentence);
        this.still(step.sheet);
      });
      this.strip.append(h("li", {}, button));
    });
    say(this.said, found[this.chosen]?.sentence ?? "");
  }

  private still(sheet: Sheet | undefined): void {
    if (!sheet) return;
    const at = contained(sheet, this.seen.width);
    this.put(sheet, at);
  }

  private put(sheet: Sheet, at: { x: number; y: number; width: number; height: number }): void {
    const pen = this.seen.getContext("2d");
    if (!pen) return;
    pen.fillStyle = "#14171f";
    pen.fillRect(0, 0, this.seen.width, this.seen.height);
    new Picture(sheet.rows, sheet.columns).ink(sheet.data).on(pen, at.x, at.y, at.width, at.height);
  }

  /** Step after step, each picture's ink slides to where the next one has it. */
  private animate(found: readonly Step[]): void {
    cancelAnimationFrame(this.playing);
    const began = performance.now();
    const side = this.seen.width;
    const tick = (now: number) => {
      const at = Math.max(0, now - began) / SLIDE_MS;
      const i = Math.floor(at);
      if (i >= found.length - 1) {
        this.playing = 0;
        this.still(found[found.length - 1]?.sheet);
        say(this.said, found[found.length - 1]?.sentence ?? "");
        return;
      }
      const t = Math.min(1, (at - i) * 1.4);
      const eased = t * t * (3 - 2 * t);
      this.put(found[i].sheet, slide(found[i].sheet, found[i + 1].sheet, eased, side));
      say(this.said, found[i + 1].sentence);
      this.playing = requestAnimationFrame(tick);
    };
    this.playing = requestAnimationFrame(tick);
  }

  /** What the network makes of it now. */
  private answer(): void {
    const state = this.model.get("state");
    if (!state) return;
    const drawn = "drawn" in this.model.get("example");
    const values = valuesOf(this.model.get("frame"), state);
    const outputs = values[`a${state.sizes.length - 1}`];
    this.labels(state.data.classes);
    this.fit(outputs?.length ?? 0, outputNames(state));
    if (!drawn || !outputs) {
      say(this.best, "");
      say(this.sure, "Nothing is drawn yet.");
      return;
    }
    const unit = isUnit(state.activations[state.activations.length - 1]);
    const top = best(outputs, outputNames(state));
    say(this.best, top.name);
    say(this.sure, unit ? `probability ${top.text}` : number(top.value));
    this.el.dataset["answer"] = top.name;
    this.el.dataset["step"] = String(this.model.get("frame")?.step ?? "");
    this.bars.forEach(({ fill, text }, j) => {
      fill.style.width = `${100 * Math.max(0, Math.min(1, outputs[j]))}%`;
      say(text, unit ? probability(outputs[j]) : number(outputs[j]));
    });
    this.speak.ask();
  }

  private fit(n: number, names: readonly string[] | null): void {
    const key = `${n} ${names?.join()}`;
    if (key === this.barsOf) return;
    this.barsOf = key;
    this.bars = [];
    this.outputs.replaceChildren();
    for (let j = 0; j < n; j++) {
      const [fill, text] = [h("i"), h("dd")];
      this.bars.push({ fill, text });
      this.outputs.append(h("dt", {}, names?.[j] ?? String(j + 1)), h("dd", { class: "trough" }, fill), text);
    }
  }

  private labels(classes: readonly string[] | null): void {
    const key = classes?.join() ?? "";
    if (this.label.dataset["of"] === key) return;
    this.label.dataset["of"] = key;
    this.label.replaceChildren(h("option", { value: "" }, "not said"));
    classes?.forEach((name, j) => this.label.append(h("option", { value: j }, name)));
  }

  private announce(): void {
    say(this.live, summary(this.model));
  }

  remove(): void {
    for (const stop of this.stops) stop();
    for (const one of [this.frames, this.soon, this.speak, this.asking]) one.stop();
    cancelAnimationFrame(this.playing);
    this.el.replaceChildren();
  }
}

/** Sends a file; gives its number. */
async function send(file: File): Promise<number> {
  const answer = await fetch("/upload", {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream", "X-Name": encodeURIComponent(file.name) },
    body: file,
  });
  const said = (await answer.json()) as { upload?: number; error?: string };
  if (said.upload === undefined) throw new Error(said.error ?? `${file.name} was refused.`);
  return said.upload;
}

function shiftWords([right, down]: readonly [number, number]): string {
  const words = [];
  if (right) words.push(`${Math.abs(right)} to the ${right > 0 ? "right" : "left"}`);
  if (down) words.push(`${Math.abs(down)} ${down > 0 ? "down" : "up"}`);
  return words.join(", ") || "not shifted";
}

export function summary(model: Model): string {
  const state = model.get("state");
  const values = valuesOf(model.get("frame"), state);
  const outputs = state && values[`a${state.sizes.length - 1}`];
  if (!state || !outputs || !("drawn" in model.get("example"))) return "Nothing is drawn yet.";
  const top = best(outputs, outputNames(state));
  return `The network reads the drawing as ${top.name}, with ${top.text}.`;
}

export function table(model: Model): Table {
  const columns = ["output", "a"];
  const state = model.get("state");
  const outputs = state && valuesOf(model.get("frame"), state)[`a${state.sizes.length - 1}`];
  const names = state && outputNames(state);
  const rows = [...(outputs ?? [])].map((value, j) => [names?.[j] ?? j + 1, value]);
  return { caption: "Outputs for the drawing", columns, rows };
}

export default {
  render,
  title: "Draw",
  blocks: ["trace"],
  summary,
  table,
  explain: (model) => ({
    text: `What is done to a drawing before the network sees it: ${
      steps.get(model)?.map((step) => step.sentence).join(" ") ||
      "it is cropped, fitted into a box and moved so that its centre of mass is in the middle, as MNIST's digits were."
    }`,
  }),
} satisfies View;
