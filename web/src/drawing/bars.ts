/** Signed bars from a middle line, to draw the weights of a neuron that sees no picture. */

import { NEGATIVE, POSITIVE, STAGE } from "./colour";
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
  pen.fillStyle = STAGE;
  pen.fillRect(0, 0, width, height);
  const most = largest(values);
  const middle = width / 2;
  const gap = each > 4 ? 1 : 0;
  for (let k = 0; k < values.length; k++) {
    const length = most > 0 ? (values[k] / most) * (middle - 4) : 0;
    pen.fillStyle = length < 0 ? NEGATIVE : POSITIVE;
    pen.fillRect(Math.min(middle, middle + length), k * each, Math.abs(length), each - gap);
    if (k !== chosen) continue;
    pen.strokeStyle = "#ffd84d";
    pen.strokeRect(1, k * each - 0.5, width - 2, each);
  }
  pen.fillStyle = "#8b91a1";
  pen.fillRect(middle, 0, 1, height);
}
