/** Two-feature data: the plane with what the network answers on it, each neuron's own, and
 * the examples as marks. */

import type { Model } from "../view";
import type { Example } from "../wire";
import { CHALK, FOCUS, lightPixel, mix, packed, rgb, signedPixel, STAGE } from "./colour";
import type { Rect } from "./layout";
import { isUnit, mayBeNegative } from "./lens";
import type { Pen } from "./pen";
import { Picture } from "./picture";
import { largest } from "./scale";

/** Hues of the classes, told apart by colour-blind eyes; each has a mark of its own too.
 * The first two are the page's orange and blue. */
export const HUES = [
  "#ff9d5c",
  "#6db3ff",
  "#3fc9a0",
  "#f0e6a0",
  "#d79bd0",
  "#9aa2b8",
  "#c7a46a",
  "#8fd0f0",
];

export type Range = [x0: number, x1: number, y0: number, y1: number];

/** How far x1 and x2 reach on a plane; flat or nested in the state. */
export function rangeOf(model: Model): Range | null {
  const given = model.get("state")?.data.plane_range?.flat();
  return given?.length === 4 ? (given as Range) : null;
}

const stage = rgb(STAGE);
/** Classes that bear a colour's name have that colour. */
const NAMED: Record<string, string> = { orange: HUES[0], blue: HUES[1] };

/** The hue of each class. */
export function huesOf(classes: readonly string[] | null | undefined): readonly string[] {
  return HUES.map((hue, index) => NAMED[classes?.[index] ?? ""] ?? hue);
}

export interface Answer {
  index: number;
  /** 0 on the boundary, 1 where nothing else comes near. */
  sure: number;
}

/** The answer at one point of a plane of `points` values an output. */
export function answerAt(
  plane: ArrayLike<number>,
  at: number,
  points: number,
  outputs: number,
): Answer {
  if (outputs === 1) {
    const p = plane[at];
    return { index: p >= 0.5 ? 1 : 0, sure: Math.min(1, Math.abs(p - 0.5) * 2) };
  }
  let index = 0;
  let [top, second] = [plane[at], -Infinity];
  for (let j = 1; j < outputs; j++) {
    const value = plane[j * points + at];
    if (value > top) {
      second = top;
      top = value;
      index = j;
    } else second = Math.max(second, value);
  }
  return { index, sure: Math.max(0, Math.min(1, top - second)) };
}

/** Rows come from the lowest x2 up; pictures go from the top down. */
const turned = (i: number, rows: number, columns: number) =>
  (rows - 1 - Math.floor(i / columns)) * columns + (i % columns);

/** The pictures of one stage: kept from frame to frame. */
export class Plane {
  private readonly whole = new Picture(1, 1);
  private readonly thumbs = new Map<number, Picture[]>();

  /** Hue by the answer, strength by how sure; dark along the boundary. */
  picture(model: Model): Picture | null {
    const [state, frame] = [model.get("state"), model.get("frame")];
    const block = frame?.run === state?.run ? frame?.blocks["plane"] : undefined;
    if (!block || block.shape.length !== 3) return null;
    const [outputs, rows, columns] = block.shape;
    const hues = huesOf(state?.data.classes).map(rgb);
    this.whole.resize(rows, columns);
    return this.whole.fill((i) => {
      const at = turned(i, rows, columns);
      const { index, sure } = answerAt(block.data, at, rows * columns, outputs);
      return packed(mix(stage, hues[index % hues.length], 0.14 + 0.56 * sure));
    });
  }

  /** What each neuron answers on the plane: light, or sign where it may be negative. */
  thumbnails(model: Model): Map<number, Picture[]> | null {
    const [state, frame] = [model.get("state"), model.get("frame")];
    if (!state || !frame || frame.run !== state.run) return null;
    for (let l = 1; l < state.sizes.length; l++) {
      const block = frame.blocks[`plane${l}`];
      if (!block || block.shape.length !== 3) {
        this.thumbs.delete(l);
        continue;
      }
      const pictures = this.thumbs.get(l) ?? [];
      this.thumbs.set(l, pictures);
      this.fill(pictures, block.data, block.shape, state.activations[l - 1]);
    }
    return this.thumbs.size ? this.thumbs : null;
  }

  private fill(pictures: Picture[], data: Float32Array, shape: number[], activation: string): void {
    const [n, rows, columns] = shape;
    const size = rows * columns;
    const sign = mayBeNegative(activation);
    pictures.length = n;
    for (let j = 0; j < n; j++) {
      const from = j * size;
      const most = isUnit(activation) ? 1 : largest(data, from, from + size) || 1;
      const picture = (pictures[j] ??= new Picture(rows, columns));
      picture.resize(rows, columns);
      picture.fill((i) => {
        const t = data[from + turned(i, rows, columns)] / most;
        return sign ? signedPixel(t) : lightPixel(t);
      });
    }
  }
}

export interface Points {
  part: string;
  /** x1 and x2 of each, one after the other, and its class. */
  x: Float32Array;
  labels: number[];
}

const MOST = 200;

/** The first examples of the parts, asked for once a run's data. */
export class Examples {
  points: Points[] = [];
  private key = "";

  constructor(
    private readonly model: Model,
    private readonly changed: () => void,
  ) {}

  ask(): void {
    const state = this.model.get("state");
    if (!state?.data.plane || state.phase === "loading") return;
    const { noise, seed } = state.recipe as Record<string, unknown>;
    const key = JSON.stringify([state.data.name, state.data.rows, noise, seed]);
    if (key === this.key) return;
    this.key = key;
    void this.fetch(key, state.data.rows.test ? ["train", "test"] : ["train"]);
  }

  private async fetch(key: string, parts: string[]): Promise<void> {
    try {
      const found: Points[] = [];
      for (const part of parts) {
        const answer = await this.model.ask({
          do: "examples",
          part,
          first: 0,
          count: MOST,
        });
        const x = answer.blocks["x"]?.data.slice();
        if (x) found.push({ part, x, labels: answer["labels"] as number[] });
      }
      if (key !== this.key) return;
      this.points = found;
      this.changed();
    } catch {
      this.key = ""; // the plane is drawn without them; the next state asks again
    }
  }
}

/** Where a point of the plane stands in a box. */
export function spot(range: Range, box: Rect, x: number, y: number): [number, number] {
  const [x0, x1, y0, y1] = range;
  return [
    box.x + ((x - x0) / (x1 - x0)) * box.width,
    box.y + box.height - ((y - y0) / (y1 - y0)) * box.height,
  ];
}

/** The example nearest to a place of a box, within `reach` of it. */
export function exampleAt(
  points: readonly Points[],
  range: Range,
  box: Rect,
  x: number,
  y: number,
  reach = 12,
): Example | null {
  let nearest = reach;
  let found: Example | null = null;
  for (const { part, x: all } of points)
    for (let i = 0; i < all.length / 2; i++) {
      const [px, py] = spot(range, box, all[2 * i], all[2 * i + 1]);
      const away = Math.hypot(px - x, py - y);
      if (away < nearest) [nearest, found] = [away, { part, index: i }];
    }
  return found;
}

/** Examples as marks: a class has a hue and a shape; the training part is filled. */
export function paintPoints(
  pen: Pen,
  points: readonly Points[],
  range: Range,
  box: Rect,
  example: Example,
  hues: readonly string[],
  size = 3,
): void {
  pen.globalAlpha = 1;
  pen.setLineDash([]);
  for (const { part, x, labels } of points)
    for (let i = 0; i < labels.length; i++) {
      const [px, py] = spot(range, box, x[2 * i], x[2 * i + 1]);
      if (px < box.x || px > box.x + box.width || py < box.y || py > box.y + box.height) continue;
      mark(pen, hues, labels[i], px, py, size, part === "train");
    }
  if ("drawn" in example) return;
  const mine = points.find(({ part }) => part === example.part);
  if (!mine || example.index >= mine.labels.length) return;
  const [px, py] = spot(range, box, mine.x[2 * example.index], mine.x[2 * example.index + 1]);
  pen.strokeStyle = FOCUS;
  pen.lineWidth = 2.5;
  pen.beginPath();
  pen.arc(px, py, size + 4, 0, Math.PI * 2);
  pen.stroke();
}

/** Circle, triangle, square, diamond, ...: by the number of corners. */
export function mark(
  pen: Pen,
  hues: readonly string[],
  index: number,
  x: number,
  y: number,
  r: number,
  filled: boolean,
): void {
  pen.beginPath();
  const corners = [0, 3, 4, 5, 6, 7, 8, 9][index % 8];
  if (!corners) pen.arc(x, y, r, 0, Math.PI * 2);
  for (let c = 0; c < corners; c++) {
    const angle = (c / corners) * Math.PI * 2 - Math.PI / 2;
    const [px, py] = [x + 1.25 * r * Math.cos(angle), y + 1.25 * r * Math.sin(angle)];
    if (c) pen.lineTo(px, py);
    else pen.moveTo(px, py);
  }
  pen.closePath();
  pen.fillStyle = hues[index % hues.length];
  if (filled) pen.fill();
  pen.strokeStyle = filled ? STAGE : CHALK;
  pen.lineWidth = 1;
  pen.stroke();
}
