// What was recorded, where neither kernel nor server is: the views on numbers that lie in
// the page itself. A record is of steps, with a slider, or of examples, to be chosen from.

import { h, say } from "./drawing/dom";
import { count } from "./drawing/format";
import { Picture } from "./drawing/picture";
import { blocks, decode } from "./wire";
import type { Example, State } from "./wire";
import type { Widget } from "./notebook";

interface Kept {
  step: number;
  epoch: number;
  bytes: string;
  /** Of a record of examples: which one, and what there is to say of it. */
  example?: Example;
  words?: string;
}

interface Told {
  /** What of a command must be so; its other words may be any. */
  asked: Record<string, unknown>;
  said: Record<string, unknown>;
  bytes: string | null;
}

interface Given {
  first: Record<string, unknown>;
  state: State;
  frames: Kept[];
  /** How all frames end. */
  tail: string;
  answers: Told[];
}

type Listener = (...given: unknown[]) => void;
type Render = (given: { model: Widget; el: HTMLElement }) => () => void;

const REFUSALS: Record<string, string> = {
  neuron: "What the network is worth without this neuron was not recorded.",
  damage: "What neurons are worth was not recorded.",
  cut: "What its connections are worth one by one was not recorded.",
};
const REFUSAL = "This page is a record: what was not recorded can't be asked of it.";

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

function bytesOf(...texts: string[]): DataView {
  const parts = texts.map((text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new DataView(all.buffer);
}

/** A widget's model whose numbers are those of the record. */
class Recorded implements Widget {
  private readonly values: Record<string, unknown>;
  private readonly heard = new Map<string, Set<Listener>>();
  /** The frame that is shown. */
  at = -1;

  constructor(private readonly given: Given) {
    this.values = { ...given.first };
    const chosen = given.frames.findIndex(({ example }) => same(example, this.values["example"]));
    this.show(chosen < 0 ? given.frames.length - 1 : chosen);
  }

  show(n: number): void {
    const { step, epoch, bytes, example } = this.given.frames[n];
    this.at = n;
    this.values["state"] = { ...this.given.state, step, epoch };
    this.values["frame"] = bytesOf(bytes, this.given.tail);
    if (example) this.values["example"] = example;
    for (const name of ["state", "frame", "example"]) this.tell(`change:${name}`);
  }

  get(name: string): unknown {
    return this.values[name];
  }

  set(name: string, value: unknown): void {
    // There are numbers of the recorded examples only, and none of steps for slopes or
    // of other neurons silenced.
    if (name === "example") {
      const found = this.given.frames.findIndex(({ example }) => same(example, value));
      if (found >= 0) return this.show(found);
    } else if (name !== "perceptrons" && name !== "silent") this.values[name] = value;
    this.tell(`change:${name}`);
  }

  save_changes(): void {}

  on(event: string, f: (...given: never[]) => void): void {
    const known = this.heard.get(event) ?? new Set();
    this.heard.set(event, known.add(f as Listener));
  }

  off(event: string, f: (...given: never[]) => void): void {
    this.heard.get(event)?.delete(f as Listener);
  }

  send(content: unknown): void {
    const command = content as Record<string, unknown>;
    const found = this.given.answers.find(({ asked }) =>
      Object.entries(asked).every(([name, value]) => same(command[name], value)),
    );
    const error = REFUSALS[String(command["do"])] ?? REFUSAL;
    const said = found ? { ...found.said, ok: true } : { ok: false, error };
    const numbers = found?.bytes ? [bytesOf(found.bytes)] : [];
    setTimeout(() => this.tell("msg:custom", { ...said, id: command["id"] }, numbers));
  }

  private tell(event: string, ...given: unknown[]): void {
    for (const f of [...(this.heard.get(event) ?? [])]) f(...given);
  }
}

/** A slider over the steps. */
function slider(model: Recorded, { frames }: Given): HTMLElement | null {
  if (frames.length < 2) return null;
  const [last, output] = [frames.length - 1, h("output")];
  const input = h("input", { type: "range", min: 0, max: last, value: last });
  const write = () => say(output, count(frames[model.at].step));
  input.addEventListener("input", () => {
    model.show(Number(input.value));
    write();
  });
  write();
  return h("label", { class: "record-steps" }, "Step ", output, input);
}

/** A button for each example, with its picture where it is one. */
function chooser(model: Recorded, { frames, state, tail }: Given): HTMLElement {
  const image = state.data.image;
  const buttons = frames.map(({ bytes, words }, n) => {
    const button = h("button", { type: "button", class: "button" });
    const x = blocks(state.layout, decode(bytesOf(bytes, tail).buffer as ArrayBuffer).numbers)[
      "a0"
    ];
    if (image && x) button.append(new Picture(...image).ink(x.data).canvas);
    button.append(h("span", {}, words ?? ""));
    button.addEventListener("click", () => model.show(n));
    return button;
  });
  const mark = () =>
    buttons.forEach((button, n) => button.setAttribute("aria-pressed", String(n === model.at)));
  model.on("change:example", mark);
  mark();
  const words = { class: "record-examples", role: "group", "aria-label": "Examples" };
  return h("div", words, ...buttons);
}

/** Shows the record that lies in an element. */
export function replay(el: HTMLElement, render: Render): void {
  const text = el.querySelector("script[type='application/json']")?.textContent;
  if (!text || el.dataset["shown"]) return;
  const given = JSON.parse(text) as Given;
  el.querySelector("p")?.remove(); // what is read where no script runs
  const model = new Recorded(given);
  render({ model, el });
  const root = el.querySelector(".pellucid-view");
  root?.classList.add("record");
  const controls = given.frames[0].example ? chooser(model, given) : slider(model, given);
  if (controls) root?.prepend(controls);
  el.dataset["shown"] = "yes";
}
