/** Signed bars from a middle line, to draw the weights of a neuron that sees no picture. */

import { FOCUS, NEGATIVE, POSITIVE, RING, STAGE } from "./colour";
import type { Rect } from "./layout";
import type { Pen } from "./pen";
import { largest } from "./scale";

/** Draws values as bars, the first on top: right and blue above zero, left and orange below. */
export function bars(
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  width: number,
  chosen: number | null,
): void {
  const each = Math.max(2, Math.min(9, Math.floor(280 / values.length)));
  const height = Math.max(20, values.length * each);
  const dots = window.devicePixelRatio || 1;
  canvas.width = width * dots;
  canvas.height = height * dots;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(dots, dots);
  paintBars(pen, values, { x: 0, y: 0, width, height }, chosen);
}

/** The same on any pen, in a box. */
export function paintBars(
  pen: Pen,
  values: ArrayLike<number>,
  { x, y, width, height }: Rect,
  chosen: number | null,
): void {
  pen.fillStyle = STAGE;
  pen.fillRect(x, y, width, height);
  const [most, middle, each] = [largest(values), x + width / 2, height / values.length];
  const gap = each > 4 ? 1 : 0;
  for (let k = 0; k < values.length; k++) {
    const length = most > 0 ? (values[k] / most) * (width / 2 - 4) : 0;
    const top = y + k * each;
    pen.fillStyle = length < 0 ? NEGATIVE : POSITIVE;
    pen.fillRect(Math.min(middle, middle + length), top, Math.abs(length), each - gap);
    if (k !== chosen) continue;
    pen.strokeStyle = FOCUS;
    pen.strokeRect(x + 1, top - 0.5, width - 2, each);
  }
  pen.fillStyle = RING;
  pen.fillRect(middle, y, 1, height);
}
