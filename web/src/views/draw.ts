// Draw: a digit by mouse, finger, keys or file; what is done to it before the network
// sees it, step by step; and what the network makes of it, also while it trains.

import type { Model, Table, View } from "../view";
import type { Answer, Example } from "../wire";
import { Answers } from "../drawing/answers";
import { calm, framed, h, say } from "../drawing/dom";
import { base64 } from "../drawing/ink";
import { Latest } from "../drawing/latest";
import { best } from "../drawing/outputs";
import { Pad, SIDE } from "../drawing/pad";
import { outputNames, valuesOf } from "../drawing/scene";
import { drawnFigure } from "../drawing/sheets";
import { type Step, Steps } from "../drawing/steps";
import "./draw.css";

/** What each page's drawing last went through, for its explanation. */
const done = new WeakMap<Model, Step[]>();

export function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const panel = new DrawPanel(model, el);
  return () => panel.remove();
}

class DrawPanel {
  private readonly pad: Pad;
  private readonly steps = new Steps();
  private readonly answers = new Answers();
  private readonly normalise = h("input", { type: "checkbox", checked: true });
  private readonly invert = h("input", { type: "checkbox" });
  private readonly noise = h("input", {
    type: "range",
    min: 0,
    max: 1,
    step: 0.05,
    value: 0,
    "aria-label": "Noise",
  });
  private readonly noiseValue = h("span", { class: "value" }, "0");
  private readonly shiftValue = h("span", { class: "draw-said" }, shiftWords([0, 0]));
  private readonly label = h("select", { "aria-label": "What it is meant to be" });
  private readonly live = h("p", { class: "draw-said", role: "status" });
  private readonly error = h("p", { class: "draw-error", role: "alert" });
  private readonly asking: Latest;
  private readonly soon = calm(() => this.ask(), 50);
  private readonly frames = framed(() => this.show());
  private readonly speak = calm(() => say(this.live, summary(this.model)), 1000);
  private readonly stops: (() => void)[] = [];
  private shift: [number, number] = [0, 0];
  private seed = 0;
  /** Whether the next steps are played one after the other. */
  private play = false;
  /** Number of the image file that is looked at instead of the pad. */
  private upload: number | null = null;

  constructor(
    private readonly model: Model,
    private readonly el: HTMLElement,
  ) {
    this.pad = new Pad(
      (ended) => this.again(ended),
      () => this.begin(),
      () => this.cleared(),
    );
    const failed = (sentence: string) => say(this.error, sentence);
    this.asking = new Latest(model, (answer) => this.learn(answer), failed);
    this.build();
    for (const name of ["frame", "state", "example"] as const) {
      model.on(`change:${name}`, this.frames.ask);
      this.stops.push(() => model.off(`change:${name}`, this.frames.ask));
    }
    this.show();
  }

  private build(): void {
    this.noise.addEventListener("input", () => {
      say(this.noiseValue, this.noise.value);
      this.soon.ask();
    });
    this.normalise.addEventListener("change", () => this.again(true));
    this.invert.addEventListener("change", () => this.again(false));
    this.label.addEventListener("change", () => this.choose());
    const { seen, strip, said } = this.steps;
    const { bars, sure } = this.answers;
    const row = (...inside: Node[]) => h("div", { class: "draw-row" }, ...inside);
    const noise = h("span", {}, "Noise");
    this.el.append(
      h(
        "div",
        { class: "draw-view" },
        this.pad.el,
        row(...this.tools()),
        h("div", { class: "draw-answer" }, seen, h("div", {}, this.answers.best, sure)),
        bars,
        h("label", { class: "draw-check" }, this.normalise, "Normalise, as MNIST was"),
        strip,
        said,
        h("label", { class: "draw-slide" }, noise, this.noiseValue, this.noise),
        row(...this.arrows(), this.shiftValue),
        row(
          h("label", { class: "draw-check" }, this.invert, "Inverted"),
          button("Other noise", () => {
            this.seed++;
            this.soon.ask();
          }),
        ),
        h("label", { class: "draw-check" }, "It is meant to be", this.label),
        this.live,
        this.error,
      ),
    );
  }

  private tools(): HTMLElement[] {
    const hidden = { type: "file", accept: "image/*", tabindex: -1, "aria-hidden": "true" };
    const file = h("input", hidden);
    file.addEventListener("change", () => void this.open(file));
    return [
      button("Clear", () => this.pad.clear()),
      button("Undo", () => this.pad.undo(), "Undo the last stroke"),
      button("Image", () => file.click(), "Image file to look at"),
      file,
    ];
  }

  private arrows(): HTMLElement[] {
    const move = (right: number, down: number) => () => {
      const [x, y] = this.shift;
      this.shift = right || down ? [x + right, y + down] : [0, 0];
      say(this.shiftValue, shiftWords(this.shift));
      this.soon.ask();
    };
    return [
      button("←", move(-1, 0), "Shift left"),
      button("→", move(1, 0), "Shift right"),
      button("↑", move(0, -1), "Shift up"),
      button("↓", move(0, 1), "Shift down"),
      button("Back", move(0, 0), "Back to no shift"),
    ];
  }

  private again(play: boolean): void {
    this.play ||= play;
    this.soon.ask();
  }

  /** A stroke beside an image from a file begins a drawing of its own. */
  private begin(): void {
    if (this.upload === null) return;
    this.upload = null;
    this.pad.wipe();
  }

  private cleared(): void {
    this.upload = null;
    this.steps.clear();
    say(this.error, "");
  }

  /** An image file goes to what reads it as it is, and onto the pad to be seen. */
  private async open(file: HTMLInputElement): Promise<void> {
    const chosen = file.files?.[0];
    file.value = "";
    if (!chosen) return;
    try {
      const number = await this.model.upload(chosen);
      this.pad.clear();
      this.upload = number;
    } catch (error) {
      say(this.error, (error as Error).message);
      return;
    }
    this.again(true);
    try {
      this.pad.show(await createImageBitmap(chosen));
    } catch {
      // Of a kind that the browser does not show; the server's steps below do.
    }
  }

  private ask(): void {
    if (this.upload === null && !this.pad.inked) return;
    const what =
      this.upload === null
        ? { ink: base64(this.pad.levels()), shape: [SIDE, SIDE] }
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
    type Said = { name: string; sentence: string; shape: [number, number]; offset: number };
    const flat = answer.blocks["x"]?.data ?? new Float32Array();
    const found = (answer["steps"] as Said[]).map(({ name, sentence, shape, offset }) => {
      const [rows, columns] = shape;
      const data = flat.slice(offset, offset + rows * columns);
      return { name, sentence, sheet: { rows, columns, data } };
    });
    done.set(this.model, found);
    this.choose();
    this.steps.show(found, this.play && !this.model.get("still") && !this.pad.drawing);
    this.play = false;
  }

  /** From now on the drawing is the example; with a label, one that has a cost. */
  private choose(): void {
    if (!done.get(this.model)) return;
    const label = this.label.value === "" ? {} : { label: Number(this.label.value) };
    this.model.set("example", { drawn: true, ...label } as Example);
    this.model.save_changes();
  }

  /** What the network makes of it now. */
  private show(): void {
    this.labels(this.model.get("state")?.data.classes ?? null);
    const answer = this.answers.show(this.model);
    if (answer === null) return;
    this.el.dataset["answer"] = answer;
    this.el.dataset["step"] = String(this.model.get("frame")?.step ?? "");
    this.speak.ask();
  }

  private labels(classes: readonly string[] | null): void {
    const key = classes?.join() ?? "";
    if (this.label.dataset["of"] === key) return;
    this.label.dataset["of"] = key;
    this.label.replaceChildren(h("option", { value: "" }, "not said"));
    classes?.forEach((name, j) => this.label.append(h("option", { value: j }, name)));
  }

  remove(): void {
    for (const stop of this.stops) stop();
    for (const one of [this.frames, this.soon, this.speak, this.asking, this.steps]) one.stop();
    this.el.replaceChildren();
  }
}

function button(words: string, f: () => void, label = words): HTMLElement {
  const el = h("button", { type: "button", class: "button", "aria-label": label }, words);
  el.addEventListener("click", f);
  return el;
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

export function svg(model: Model): string {
  return drawnFigure(model, done.get(model) ?? [], summary(model));
}

export default {
  render,
  title: "Draw",
  blocks: ["trace"],
  summary,
  table,
  svg,
  explain: (model) => ({
    text: `What is done to a drawing before the network sees it: ${
      done
        .get(model)
        ?.map((step) => step.sentence)
        .join(" ") ||
      "it is cropped, fitted into a box and moved so that its centre of mass is in the middle, as MNIST's digits were."
    }`,
  }),
} satisfies View;
