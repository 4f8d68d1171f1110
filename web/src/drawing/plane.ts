/** Two-feature data: the plane with what the network answers on it, and each neuron's own. */

import type { Model } from "../view";
import { lightPixel, mix, rgb, STAGE, type Rgb } from "./colour";
import { isUnit } from "./lens";
import { Picture } from "./picture";
import { signedPixel } from "./colour";
import { largest } from "./scale";

/** Hues of more than two classes, told apart by colour-blind eyes (Okabe and Ito, 2008);
 * the first two are the page's orange and blue. */
export const HUES = [
  "#ff9d5c", "#6db3ff", "#3fc9a0", "#f0e6a0", "#d79bd0", "#9aa2b8", "#c7a46a", "#8fd0f0",
];

/** How far x1 and x2 reach on a plane: [[x0, x1], [y0, y1]], flat or nested. */
export function rangeOf(model: Model): [number, number, number, number] | null {
  const given = model.get("state")?.data.plane_range?.flat();
  return given?.length === 4 ? (given as [number, number, number, number]) : null;
}

const pixelOf = ([r, g, b]: Rgb) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
const stage = rgb(STAGE);
const hues = HUES.map(rgb);

/** The answer at one point: which class, and how surely, 0 at the boundary to 1. */
export function answer(plane: Float32Array, at: number, points: number, outputs: number) {
  if (outputs === 1) {
    const p = plane[at];
    return { index: p >= 0.5 ? 1 : 0, sure: Math.min(1, Math.abs(p - 0.5) * 2) };
  }
  let [index, second] = [0, -Infinity];
  for (let j = 1; j < outputs; j++) {
    const value = plane[j * points + at];
    if (value > plane[index * points + at]) {
      second = plane[index * points + at];
      index = j;
    } else second = Math.max(second, value);
  }
  if (index === 0 && outputs > 1)
    for (let j = 1; j < outputs; j++) second = Math.max(second, plane[j * points + at]);
  return { index, sure: Math.max(0, Math.min(1, plane[index * points + at] - second)) };
}

let plane: Picture | null = null;
const thumbs = new Map<number, Picture[]>();

/** The plane as a picture: hue by the answer, strength by how sure; dark on the boundary.
 * Rows come from the lowest x2 up, and pictures from the top down. */
export function planePicture(model: Model): Picture | null {
  const block = model.get("frame")?.blocks.plane;
  if (!block || block.shape.length !== 3) return null;
  const [outputs, rows, columns] = block.shape;
  plane ??= new Picture(rows, columns);
  plane.resize(rows, columns);
  return plane.fill((i) => {
    const at = (rows - 1 - Math.floor(i / columns)) * columns + (i % columns);
    const { index, sure } = answer(block.data, at, rows * columns, outputs);
    return pixelOf(mix(stage, hues[index % hues.length], 0.12 + 0.6 * sure));
  });
}

/** Each neuron's own answer on the plane, as light (or sign, where it may be negative). */
export function thumbPictures(model: Model): Map<number, Picture[]> | null {
  const [state, frame] = [model.get("state"), model.get("frame")];
  if (!state || !frame || frame.run !== state.run) return null;
  for (let l = 1; l < state.sizes.length; l++) {
    const block = frame.blocks[`plane${l}`];
    if (!block || block.shape.length !== 3) {
      thumbs.delete(l);
      continue;
    }
    const [n, rows, columns] = block.shape;
    const pictures = thumbs.get(l) ?? [];
    thumbs.set(l, pictures);
    pictures.length = n;
    const size = rows * columns;
    const unit = isUnit(state.activations[l - 1]);
    for (let j = 0; j < n; j++) {
      const from = j * size;
      const most = unit ? 1 : largest(block.data, from, from + size) || 1;
      pictures[j] ??= new Picture(rows, columns);
      pictures[j].resize(rows, columns);
      pictures[j].fill((i) => {
        const at = from + (rows - 1 - Math.floor(i / columns)) * columns + (i % columns);
        const t = block.data[at] / most;
        return t < 0 ? signedPixel(t) : lightPixel(t);
      });
    }
  }
  return thumbs.size ? thumbs : null;
}
