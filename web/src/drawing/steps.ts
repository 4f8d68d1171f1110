/** What is done to a drawing before the network sees it: each step as a picture, and how
 * the ink slides from one to the next. */

import { STAGE } from "./colour";
import { h, say } from "./dom";
import { type Box, contained, type Sheet, slide } from "./ink";
import { Picture } from "./picture";

export interface Step {
  name: string;
  sentence: string;
  sheet: Sheet;
}

const SLIDE_MS = 320;
const SIZE = 112;

export class Steps {
  readonly strip = h("ul", { class: "draw-steps" });
  readonly said = h("p", { class: "draw-said" });
  readonly seen = h("canvas", {
    width: SIZE,
    height: SIZE,
    role: "img",
    "aria-label": "What the network sees",
  });
  private steps: readonly Step[] = [];
  private playing = 0;

  /** Shows the steps; with `play`, one after the other. */
  show(steps: readonly Step[], play: boolean): void {
    this.steps = steps;
    this.strip.replaceChildren(...steps.map((step, i) => h("li", {}, this.button(step, i))));
    if (play) this.play();
    else if (!this.playing) this.choose(steps.length - 1);
  }

  clear(): void {
    this.stop();
    this.strip.replaceChildren();
    say(this.said, "");
  }

  stop(): void {
    cancelAnimationFrame(this.playing);
    this.playing = 0;
  }

  private button(step: Step, i: number): HTMLElement {
    const { rows, columns, data } = step.sheet;
    const picture = new Picture(rows, columns).ink(data).canvas;
    const words = { type: "button", title: step.sentence };
    const button = h("button", words, picture, step.name);
    button.addEventListener("click", () => {
      this.stop();
      this.choose(i);
    });
    return button;
  }

  private choose(i: number): void {
    const step = this.steps[i];
    if (!step) return;
    this.strip
      .querySelectorAll("button")
      .forEach((button, j) => button.setAttribute("aria-pressed", String(j === i)));
    say(this.said, step.sentence);
    this.put(step.sheet, contained(step.sheet, SIZE));
  }

  private put(sheet: Sheet, at: Box): void {
    const pen = this.seen.getContext("2d");
    if (!pen) return;
    pen.fillStyle = STAGE;
    pen.fillRect(0, 0, SIZE, SIZE);
    const picture = new Picture(sheet.rows, sheet.columns).ink(sheet.data);
    picture.on(pen, at.x, at.y, at.width, at.height);
  }

  /** Step after step, each picture's ink slides to where the next one has it. */
  private play(): void {
    this.stop();
    const began = performance.now();
    const tick = (now: number) => {
      const at = Math.max(0, now - began) / SLIDE_MS;
      const [from, to] = [this.steps[Math.floor(at)], this.steps[Math.floor(at) + 1]];
      if (!from || !to) {
        this.playing = 0;
        this.choose(this.steps.length - 1);
        return;
      }
      const t = Math.min(1, (at % 1) * 1.4);
      this.put(from.sheet, slide(from.sheet, to.sheet, t * t * (3 - 2 * t), SIZE));
      say(this.said, to.sentence);
      this.playing = requestAnimationFrame(tick);
    };
    this.playing = requestAnimationFrame(tick);
  }
}
