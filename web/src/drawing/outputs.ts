/** The outputs on the stage: their names, bars and numbers; and the largest in words. */

import { CHALK, light, TROUGH } from "./colour";
import { fixed, number, probability } from "./format";
import { place, type Rank } from "./layout";
import { font, isLit, type Scene } from "./paint";
import type { Pen } from "./pen";

export function outputs(pen: Pen, scene: Scene): void {
  const { at, sizes, classes } = scene;
  const L = sizes.length - 1;
  const r = at.ranks[L];
  if (!r) return;
  const room = at.bar - r.radius - 8;
  const label = classes ? Math.min(room * 0.42, longest(classes) * 7.5 * scene.type + 14) : 6;
  for (let j = r.first; j < r.first + r.shown; j++) {
    const [x, y] = place(at, L, j);
    const value = isLit(scene, L) ? scene.outputs?.[j] : undefined;
    const name = classes?.[j] ?? "";
    if (at.down) below(pen, scene, r, j, x, y, name, value);
    else {
      pen.textBaseline = "middle";
      pen.textAlign = "left";
      pen.fillStyle = CHALK;
      pen.font = font(scene, classes && longest(classes) > 3 ? 11.5 : 14, 700);
      const from = x + r.radius + 9;
      const most = Math.max(1, Math.floor((label - 4) / (7 * scene.type)));
      pen.fillText(name.length > most ? `${name.slice(0, most - 1)}…` : name, from, y + 0.5);
      bar(pen, scene, from + label, y, room - label - 42, value, scene.right === j);
    }
  }
}

const longest = (words: readonly string[]) =>
  words.reduce((most, word) => Math.max(most, word.length), 0);

function bar(
  pen: Pen,
  scene: Scene,
  x: number,
  y: number,
  width: number,
  value: number | undefined,
  right: boolean,
): void {
  const text = value === undefined ? "" : scene.unit ? fixed(value, 2) : number(value);
  if (scene.unit && width > 12) {
    pen.fillStyle = TROUGH;
    pen.fillRect(x, y - 5, width, 10);
    pen.fillStyle = light(1);
    pen.fillRect(x, y - 5, width * Math.max(0, Math.min(1, value ?? 0)), 10);
    if (right) {
      pen.strokeStyle = CHALK;
      pen.lineWidth = 1;
      pen.strokeRect(x - 2.5, y - 7.5, width + 5, 15);
    }
  }
  pen.fillStyle = CHALK;
  pen.font = font(scene, 11);
  pen.textAlign = "left";
  pen.fillText(text, scene.unit ? x + width + 8 : x, y + 0.5);
}

function below(
  pen: Pen,
  scene: Scene,
  r: Rank,
  j: number,
  x: number,
  y: number,
  name: string,
  value: number | undefined,
): void {
  const size = Math.min(15, r.spacing * 0.62);
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = CHALK;
  pen.font = font(scene, name.length > 2 ? size * 0.7 : size, 700);
  const most = Math.max(2, Math.floor(r.spacing / (size * 0.42)));
  pen.fillText(name.slice(0, most), x, y + r.radius + 12);
  if (value === undefined || !scene.unit) return;
  const [width, height] = [Math.min(20, r.spacing - 8), 22];
  const top = y + r.radius + 23;
  pen.fillStyle = TROUGH;
  pen.fillRect(x - width / 2, top, width, height);
  pen.fillStyle = light(1);
  const filled = height * Math.max(0, Math.min(1, value));
  pen.fillRect(x - width / 2, top + height - filled, width, filled);
  if (scene.right !== j) return;
  pen.strokeStyle = CHALK;
  pen.lineWidth = 1;
  pen.strokeRect(x - width / 2 - 2.5, top - 2.5, width + 5, height + 5);
}

/** The outputs in words, the largest first. */
export function best(
  outputs: Float32Array,
  classes: readonly string[] | null,
): { name: string; value: number; text: string; index: number } {
  let index = 0;
  for (let j = 1; j < outputs.length; j++) if (outputs[j] > outputs[index]) index = j;
  const value = outputs[index];
  const name = classes?.[index] ?? `output ${index + 1}`;
  return { name, value, text: probability(value), index };
}
