// The views in a notebook, or wherever else anywidget's contract is kept: one module,
// which shows the views that the widget names and asks the kernel what it must know.

import { h, say } from "./drawing/dom";
import { numbersOf } from "./drawing/numbers";
import { replay } from "./replay";
import { Values } from "./values";
import type { Traits, View } from "./view";
import boundary from "./views/boundary";
import draw from "./views/draw";
import network from "./views/network";
import neuron from "./views/neuron";
import nudge from "./views/nudge";
import opened from "./views/opened";
import { blocks, decode } from "./wire";
import type { Answer, Command, Lot, State } from "./wire";
import { speak } from "./words";
import "./notebook.css";

const VIEWS: Record<string, View> = { network, neuron, nudge, draw, boundary, opened };

/** What this side and the kernel both know; either may change it. */
const SHARED = [
  "example",
  "place",
  "lens",
  "scope",
  "edges",
  "perceptrons",
  "silent",
] as const;

/** anywidget's model, as far as it is used. */
export interface Widget {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, f: (...given: never[]) => void): void;
  off(event: string, f: (...given: never[]) => void): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
}

interface Waiting {
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
}

/** The widget's model as the views know it. */
class Kernel {
  readonly values: Values;
  private readonly waiting = new Map<number, Waiting>();
  private readonly stops: (() => void)[] = [];
  // Several pictures of one widget hear each other's answers.
  private number = Math.floor(Math.random() * 2 ** 31);
  private waits = 0;

  constructor(private readonly widget: Widget) {
    this.values = new Values(
      (command) => this.ask(command),
      async (file) => {
        const buffer = await file.arrayBuffer();
        const answer = await this.ask({ do: "upload", name: file.name }, [buffer]);
        return Number(answer["upload"]);
      },
      { lost: false },
    );
    for (const name of SHARED) this.share(name);
    this.listen("msg:custom", (said: Record<string, unknown>, buffers: DataView[]) =>
      this.answered(said, buffers),
    );
    const soon = () => {
      this.waits ||= requestAnimationFrame(() => {
        this.waits = 0;
        this.arrived();
      });
    };
    this.listen("change:state", soon);
    this.listen("change:frame", soon);
    this.arrived();
  }

  private listen(event: string, f: (...given: never[]) => void): void {
    this.widget.on(event, f);
    this.stops.push(() => this.widget.off(event, f));
  }

  private share<K extends (typeof SHARED)[number]>(name: K): void {
    const take = () => this.values.put({ [name]: this.widget.get(name) } as Partial<Traits>);
    take();
    this.listen(`change:${name}`, take);
    this.values.on(`change:${name}`, () => {
      const value = this.values.get(name);
      if (this.widget.get(name) === value) return;
      this.widget.set(name, value);
      this.widget.save_changes();
    });
  }

  /** The newest state and its numbers; of many that come at once only the last. */
  private arrived(): void {
    const state = this.widget.get("state") as State | null;
    const bytes = this.widget.get("frame") as DataView | null;
    if (!state?.data || !bytes?.byteLength) return;
    const { run, step, number, layout, numbers } = decode(copy(bytes));
    if (layout !== state.layout_version) return;
    const found = blocks(state.layout, numbers);
    this.values.put({ state, frame: { run, step, number, blocks: found } });
  }

  private ask(command: Command, buffers: ArrayBuffer[] = []): Promise<Answer> {
    this.number = (this.number + 1) % 2 ** 32;
    const id = this.number;
    return new Promise<Answer>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.widget.send({ id, ...command }, undefined, buffers);
    });
  }

  private answered(said: Record<string, unknown>, buffers: DataView[]): void {
    const waiting = this.waiting.get(said["id"] as number);
    if (!waiting) return;
    this.waiting.delete(said["id"] as number);
    if (!said["ok"]) waiting.reject(new Error(String(said["error"])));
    else if (!buffers?.[0]) waiting.resolve({ ...said, blocks: {} });
    else {
      const { numbers } = decode(copy(buffers[0]));
      waiting.resolve({ ...said, blocks: blocks(said["blocks"] as Lot[], numbers) });
    }
  }

  stop(): void {
    for (const stop of this.stops) stop();
    cancelAnimationFrame(this.waits);
    const gone = new Error("The view was taken down before it was answered.");
    for (const { reject } of this.waiting.values()) reject(gone);
  }
}

/** The bytes in a buffer of their own: numbers must begin at a multiple of 4. */
function copy(bytes: DataView): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

/** The element around another, also where that stands in a shadow. */
function around(el: Element): Element | null {
  const root = el.getRootNode();
  return el.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

/** Whether what lies behind an element is dark. */
function isDark(el: Element): boolean {
  const canvas = h("canvas", { width: 1, height: 1 });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  for (let at = around(el); at && pen; at = around(at)) {
    // A browser says a colour as it was written, oklch(1 0 0) too; a pixel is one of RGB.
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = getComputedStyle(at).backgroundColor;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    if (a > 127) return 0.2126 * r + 0.7152 * g + 0.0722 * b < 110;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Theme and motion as the notebook has them; gives what stops to follow. */
function follow(values: Values, root: HTMLElement): () => void {
  const motion = matchMedia("(prefers-reduced-motion: reduce)");
  const look = () => {
    const theme = isDark(root) ? "dark" : "light";
    root.dataset["theme"] = theme;
    values.put({ theme, still: motion.matches });
  };
  const watch = new MutationObserver(look);
  watch.observe(document.body, { attributes: true });
  watch.observe(document.documentElement, { attributes: true });
  motion.addEventListener("change", look);
  requestAnimationFrame(look); // the element is in the page by then
  return () => {
    watch.disconnect();
    motion.removeEventListener("change", look);
  };
}

/** One view with its sentence and its numbers; gives what takes it down. */
function place(name: string, kernel: Kernel, root: HTMLElement): () => void {
  const [view, { values }] = [VIEWS[name], kernel];
  if (!view) throw new Error(`There is no view ${name}.`);
  const el = h("div", { class: "view", "data-view": name });
  const words = h("p", { class: "caption" });
  const table = h("details", {}, h("summary", {}, "Numbers"));
  const section = h("section", { class: `of-${name}`, "aria-label": view.title });
  section.append(el, h("div", { class: "foot" }, words, table));
  root.append(section);
  const stop = view.render({ model: values, el });
  const stopWords = speak(values, () => say(words, view.summary(values)));
  table.addEventListener("toggle", () => {
    if (table.open) void numbersOf(view, values, table);
  });
  return () => {
    stopWords();
    stop();
    section.remove();
  };
}

function render({ model, el }: { model: Widget; el: HTMLElement }): () => void {
  const kernel = new Kernel(model);
  const root = h("div", { class: "pellucid-view" });
  el.append(root);
  const stops = [follow(kernel.values, root)];
  for (const name of model.get("kinds") as string[])
    stops.push(place(name, kernel, root));
  return () => {
    for (const stop of stops) stop();
    kernel.stop();
    root.remove();
  };
}

// In a page that holds a record, this module is its script and shows it.
for (const el of document.querySelectorAll<HTMLElement>(".pellucid-record")) replay(el, render);

export default { render };
