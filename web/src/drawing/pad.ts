/** A pad to draw on, with mouse, finger or keys; what is on it are grey levels. */

import { h } from "./dom";
import { grey } from "./ink";

/** The pad's own pixels along a side, and the cells that keys move over. */
export const SIDE = 140;
const CELLS = 28;
const PEN = 11;
/** Strokes that can be taken back. */
const DEEPEST = 20;
const STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

type Spot = readonly [number, number];

export class Pad {
  private readonly canvas = h("canvas", {
    width: SIDE,
    height: SIDE,
    "aria-hidden": "true",
  });
  private readonly cursor = h("i", { hidden: true });
  private readonly hint = h("span", { class: "draw-hint" }, "Draw a digit here");
  readonly el = h(
    "div",
    {
      class: "draw-pad",
      tabindex: 0,
      role: "application",
      "aria-label":
        "Drawing pad of 28 by 28 cells. Arrow keys move, space puts the pen down or " +
        "lifts it, Delete clears.",
    },
    this.canvas,
    this.cursor,
    this.hint,
  );
  /** Whether anything is on it. */
  inked = false;
  private readonly pen: CanvasRenderingContext2D;
  private readonly before: ImageData[] = [];
  /** Where the pointer was last, while it draws. */
  private last: Spot | null = null;
  private cell: Spot = [CELLS / 2, CELLS / 4];
  private penDown = false;

  /** `changed` is told of every bit of a stroke; `done` where it has ended. */
  constructor(
    private readonly changed: (done: boolean) => void,
    private readonly begins: () => void,
    private readonly cleared: () => void,
  ) {
    const pen = this.canvas.getContext("2d", { willReadFrequently: true });
    if (!pen) throw new Error("This browser has no canvas.");
    this.pen = pen;
    this.wipe();
    this.listen();
  }

  get drawing(): boolean {
    return this.last !== null || this.penDown;
  }

  /** Grey levels, row after row, 255 where there is ink. */
  levels(): Uint8Array {
    return grey(this.pen.getImageData(0, 0, SIDE, SIDE).data);
  }

  /** Shows an image, as large as it fits. */
  show(image: ImageBitmap): void {
    const by = SIDE / Math.max(image.width, image.height);
    const [width, height] = [image.width * by, image.height * by];
    this.pen.drawImage(image, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
  }

  wipe(): void {
    this.pen.fillStyle = "#000";
    this.pen.fillRect(0, 0, SIDE, SIDE);
    this.inked = false;
    this.hint.hidden = false;
  }

  clear(): void {
    if (this.inked) this.remember();
    this.wipe();
    this.penDown = false;
    this.cleared();
  }

  undo(): void {
    const before = this.before.pop();
    if (!before) return;
    this.pen.putImageData(before, 0, 0);
    this.inked = this.levels().some((level) => level > 0);
    this.hint.hidden = this.inked;
    if (this.inked) this.changed(true);
    else this.cleared();
  }

  private listen(): void {
    const { el } = this;
    el.addEventListener("pointerdown", (event) => this.begin(event));
    el.addEventListener("pointermove", (event) => {
      if (!this.last) return;
      // A page that is not secure has none; elsewhere the last of them is the event.
      const before = event.getCoalescedEvents?.() ?? [];
      for (const one of [...before, event]) this.follow(this.spot(one));
    });
    const lift = () => {
      if (!this.last) return;
      this.last = null;
      this.changed(true);
    };
    el.addEventListener("pointerup", lift);
    el.addEventListener("pointercancel", lift);
    el.addEventListener("keydown", (event) => this.key(event));
    el.addEventListener("focus", () => this.point());
    el.addEventListener("blur", () => (this.cursor.hidden = true));
  }

  private begin(event: PointerEvent): void {
    if (event.button) return;
    event.preventDefault();
    this.el.focus({ preventScroll: true });
    this.el.setPointerCapture(event.pointerId);
    this.remember();
    this.last = this.spot(event);
    this.to(this.last);
  }

  private spot(event: PointerEvent): Spot {
    const box = this.canvas.getBoundingClientRect();
    const at = (v: number, from: number, size: number) => ((v - from) / size) * SIDE;
    return [at(event.clientX, box.left, box.width), at(event.clientY, box.top, box.height)];
  }

  /** A place that the pointer was at already is not drawn twice. */
  private follow(next: Spot): void {
    if (next[0] !== this.last?.[0] || next[1] !== this.last[1]) this.to(next);
  }

  private to(next: Spot): void {
    if (this.last) this.line(this.last, next);
    this.last = next;
  }

  private line([x0, y0]: Spot, [x1, y1]: Spot): void {
    this.pen.strokeStyle = "#fff";
    this.pen.lineWidth = PEN;
    this.pen.lineCap = this.pen.lineJoin = "round";
    this.pen.beginPath();
    this.pen.moveTo(x0, y0);
    this.pen.lineTo(x1 + 0.01, y1);
    this.pen.stroke();
    this.inked = true;
    this.hint.hidden = true;
    this.changed(false);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Tab" || event.key === "Escape") return;
    const step = STEPS[event.key];
    if (event.ctrlKey && event.key === "z") this.undo();
    else if (event.ctrlKey || event.altKey || event.metaKey) return;
    else if (event.key === " ") this.togglePen();
    else if (event.key === "Delete" || event.key === "Backspace") this.clear();
    else if (step) this.step(step);
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.point();
  }

  private togglePen(): void {
    this.penDown = !this.penDown;
    if (!this.penDown) {
      this.changed(true);
      return;
    }
    this.remember();
    this.line(this.middle(), this.middle());
  }

  private step([right, down]: Spot): void {
    const from = this.middle();
    const within = (v: number) => Math.max(0, Math.min(CELLS - 1, v));
    this.cell = [within(this.cell[0] + right), within(this.cell[1] + down)];
    if (this.penDown) this.line(from, this.middle());
  }

  private middle(): Spot {
    const each = SIDE / CELLS;
    return [(this.cell[0] + 0.5) * each, (this.cell[1] + 0.5) * each];
  }

  /** The keys' cursor stands where they would draw. */
  private point(): void {
    this.cursor.hidden = !this.el.matches(":focus-visible");
    this.cursor.classList.toggle("down", this.penDown);
    this.cursor.style.left = `${(100 * this.cell[0]) / CELLS}%`;
    this.cursor.style.top = `${(100 * this.cell[1]) / CELLS}%`;
  }

  /** Before a stroke: what can be gone back to. */
  private remember(): void {
    this.before.push(this.pen.getImageData(0, 0, SIDE, SIDE));
    if (this.before.length > DEEPEST) this.before.shift();
    this.begins();
  }
}
