/** Paints the stage: a function of the scene alone, on a canvas or into SVG. */

import { CHALK, DUST, FOCUS, light, NEGATIVE, POSITIVE, RING, signed, STAGE } from "./colour";
import type { Strongest } from "./edges";
import type { Hit } from "./hit";
import { bend, isShown, leaves, place, type Layout, type Rank } from "./layout";
import { outputs } from "./outputs";
import type { Pen } from "./pen";
import type { Picture } from "./picture";
import type { Silent } from "../view";

export interface Scene {
  at: Layout;
  sizes: readonly number[];
  activations: readonly string[];
  /** Values of the neurons, -1..1 at the scale in force; index 0 are the inputs. */
  neurons: readonly (Float32Array | undefined)[];
  /** Hidden neurons that are silenced. */
  silent: Silent;
  /** Whether a layer's neurons are shown by sign. */
  signs: readonly boolean[];
  edges: Strongest;
  /** The layer that each block of `edges` leads to. */
  layers: readonly number[];
  /** Sums of the connections from the picture, -1..1, and whether they carry sign. */
  bundles: Float32Array | undefined;
  fan: { neuron: number; edges: Strongest } | null;
  picture: Picture | null;
  caption: string;
  thumbs: ReadonlyMap<number, readonly Picture[]> | null;
  outputs: Float32Array | undefined;
  /** Whether outputs lie in 0..1. */
  unit: boolean;
  classes: readonly string[] | null;
  inputs: readonly string[] | null;
  /** The right class, where the example has one. */
  right: number | null;
  selected: Hit | null;
  hovered: Hit | null;
  /** Layers up to here are lit; null: all. */
  lit: number | null;
  /** Type is this much larger than usual. */
  type: number;
  /** Draws the examples on the plane. */
  points: ((pen: Pen) => void) | null;
}

const HALF = Math.PI * 2;
/** Line width of t in 0..1 is 0.5 + 3.4 t^1.5: few lines speak. */
export const EXPONENT = 1.5;
const widthOf = (t: number) => 0.5 + 3.4 * t ** EXPONENT;

export function paint(pen: Pen, scene: Scene): void {
  const { width, height } = scene.at;
  pen.globalAlpha = 1;
  pen.fillStyle = STAGE;
  pen.fillRect(0, 0, width, height);
  bundles(pen, scene);
  edges(pen, scene);
  pen.setLineDash([]);
  pen.globalAlpha = 1;
  input(pen, scene);
  fan(pen, scene);
  pen.setLineDash([]);
  pen.globalAlpha = 1;
  scene.at.ranks.forEach((r) => r && rank(pen, scene, r));
  outputs(pen, scene);
  focus(pen, scene);
}

export const font = (scene: Scene, size: number, weight = 400) =>
  `${weight} ${Math.round(size * scene.type * 10) / 10}px system-ui, sans-serif`;

export const isLit = (scene: Scene, layer: number) => scene.lit === null || layer <= scene.lit;

/** How strongly a connection speaks: those of the neuron under the hand before others. */
function emphasis(scene: Scene, layer: number, to: number, from: number): number {
  const h = scene.hovered;
  if (!h) return 1;
  const touches =
    h.input === null
      ? (h.layer === layer && h.neuron === to) || (h.layer === layer - 1 && h.neuron === from)
      : h.layer === layer && h.neuron === to && h.input === from;
  return touches ? 1.6 : 0.3;
}

function bundles(pen: Pen, scene: Scene): void {
  const { at, bundles: values } = scene;
  const r = at.ranks[1];
  if (!at.picture || !r || at.ranks[0] || !isLit(scene, 1)) return;
  if (values)
    for (let j = r.first; j < r.first + r.shown; j++) {
      const t = values[j];
      if (!Number.isFinite(t) || scene.fan?.neuron === j) continue;
      curve(
        pen,
        at,
        leaves(at, j),
        edgeOf(at, place(at, 1, j), r.radius, -1),
        t,
        emphasis(scene, 1, j, -1),
      );
    }
}

/** The chosen neuron's connections, each from its own pixel. */
function fan(pen: Pen, scene: Scene): void {
  const r = scene.at.ranks[1];
  if (!scene.fan || !r || !isShown(r, scene.fan.neuron) || !isLit(scene, 1)) return;
  const { neuron, edges: e } = scene.fan;
  const end = edgeOf(scene.at, place(scene.at, 1, neuron), r.radius, -1);
  for (let i = 0; i < e.length; i++) {
    const start = pixel(scene, e.from[i]);
    if (start) curve(pen, scene.at, start, end, e.value[i], 0.6, 0.45);
  }
}

function edges(pen: Pen, scene: Scene): void {
  const { at, edges: e, layers } = scene;
  for (let i = 0; i < e.length; i++) {
    const layer = layers[e.block[i]];
    if (!isLit(scene, layer)) continue;
    const [before, after] = [at.ranks[layer - 1], at.ranks[layer]];
    if (!before || !after) continue;
    const start = edgeOf(at, place(at, layer - 1, e.from[i]), before.radius, 1);
    const end = edgeOf(at, place(at, layer, e.to[i]), after.radius, -1);
    curve(pen, at, start, end, e.value[i], emphasis(scene, layer, e.to[i], e.from[i]));
  }
}

/** The point on a neuron's rim where lines to the next (1) or last (-1) layer begin. */
function edgeOf(at: Layout, [x, y]: [number, number], r: number, way: number) {
  return (at.down ? [x, y + way * r] : [x + way * r, y]) as [number, number];
}

function curve(
  pen: Pen,
  at: Layout,
  start: [number, number],
  end: [number, number],
  t: number,
  strength: number,
  slim = 1,
): void {
  const size = Math.min(1, Math.abs(t));
  pen.strokeStyle = t < 0 ? NEGATIVE : POSITIVE;
  pen.globalAlpha = Math.min(1, (0.16 + 0.84 * size) * strength);
  pen.lineWidth = slim * widthOf(size);
  pen.setLineDash(t < 0 ? [5, 3] : []);
  const [ax, ay, bx, by] = bend(at, start, end);
  pen.beginPath();
  pen.moveTo(start[0], start[1]);
  pen.bezierCurveTo(ax, ay, bx, by, end[0], end[1]);
  pen.stroke();
}

function input(pen: Pen, scene: Scene): void {
  const p = scene.at.picture;
  if (!p) return;
  scene.picture?.on(pen, p.x, p.y, p.width, p.height, Boolean(scene.points));
  scene.points?.(pen);
  pen.strokeStyle = scene.lit === 0 ? CHALK : "#3a4152";
  pen.lineWidth = scene.lit === 0 ? 2 : 1;
  pen.strokeRect(p.x - 0.5, p.y - 0.5, p.width + 1, p.height + 1);
  if (scene.at.down) return;
  pen.fillStyle = CHALK;
  pen.font = font(scene, 11.5);
  pen.textAlign = "left";
  pen.textBaseline = "alphabetic";
  scene.caption
    .split("\n")
    .forEach((line, i) => pen.fillText(line, p.x, p.y + p.height + 17 + 15 * i * scene.type));
}

function rank(pen: Pen, scene: Scene, r: Rank): void {
  const { at } = scene;
  const values = scene.neurons[r.layer];
  const lit = isLit(scene, r.layer);
  const thumbs = scene.thumbs?.get(r.layer);
  for (let j = r.first; j < r.first + r.shown; j++) {
    const [x, y] = place(at, r.layer, j);
    const t = lit && values ? values[j] : 0;
    if (thumbs?.[j] && lit) thumb(pen, thumbs[j], x, y, r.radius);
    else neuron(pen, x, y, r.radius, t, scene.signs[r.layer], scene.lit === r.layer);
  }
  for (const [l, j] of scene.silent)
    if (l === r.layer && isShown(r, j)) silenced(pen, r.radius, ...place(at, l, j));
  hidden(pen, scene, r);
  if (!at.down) head(pen, scene, r);
  if (r.layer === 0) names(pen, scene, r);
}

function thumb(pen: Pen, picture: Picture, x: number, y: number, r: number): void {
  picture.on(pen, x - r, y - r, 2 * r, 2 * r, true);
  pen.strokeStyle = RING;
  pen.lineWidth = 1;
  pen.strokeRect(x - r, y - r, 2 * r, 2 * r);
}

function neuron(
  pen: Pen,
  x: number,
  y: number,
  r: number,
  t: number,
  sign: boolean,
  glowing: boolean,
): void {
  pen.fillStyle = sign ? signed(t) : t < 0 ? signed(t) : light(t);
  pen.beginPath();
  pen.arc(x, y, r, 0, HALF);
  pen.fill();
  pen.strokeStyle = glowing ? CHALK : RING;
  pen.lineWidth = glowing ? 2 : 1;
  pen.stroke();
  if ((!sign && t >= 0) || Math.abs(t) < 0.12 || r < 4.5) return;
  // The sign as a mark: never colour alone.
  const arm = r * 0.42;
  pen.strokeStyle = Math.abs(t) > 0.4 ? STAGE : CHALK;
  pen.lineWidth = Math.max(1.2, r / 6);
  pen.beginPath();
  pen.moveTo(x - arm, y);
  pen.lineTo(x + arm, y);
  if (t > 0) {
    pen.moveTo(x, y - arm);
    pen.lineTo(x, y + arm);
  }
  pen.stroke();
}

/** A silenced neuron: dark, its rim broken, and crossed out. */
function silenced(pen: Pen, r: number, x: number, y: number): void {
  const arm = r * 0.62;
  pen.fillStyle = STAGE;
  pen.beginPath();
  pen.arc(x, y, r + 1, 0, HALF);
  pen.fill();
  pen.strokeStyle = CHALK;
  pen.lineWidth = 1.4;
  pen.setLineDash([3, 3]);
  pen.beginPath();
  pen.arc(x, y, r, 0, HALF);
  pen.stroke();
  pen.setLineDash([]);
  pen.lineWidth = Math.max(1.6, r / 6);
  pen.beginPath();
  pen.moveTo(x - arm, y - arm);
  pen.lineTo(x + arm, y + arm);
  pen.moveTo(x - arm, y + arm);
  pen.lineTo(x + arm, y - arm);
  pen.stroke();
}

/** Dots and a count at each end of a layer that is shown in part, and a brace beside it. */
function hidden(pen: Pen, scene: Scene, r: Rank): void {
  if (r.shown === r.size) return;
  const before = r.first;
  const after = r.size - r.first - r.shown;
  pen.fillStyle = DUST;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.font = font(scene, scene.at.down ? 9.5 : 11);
  for (const [slot, n] of [
    [-1, before],
    [r.shown, after],
  ]) {
    if (!n) continue;
    const across = r.start + slot * r.spacing;
    if (scene.at.down) pen.fillText(`+${n}`, across, r.along);
    else pen.fillText(`⋯ ${n} more`, r.along, across + (slot < 0 ? -4 : 4));
  }
  if (!scene.at.down) brace(pen, r);
}

function brace(pen: Pen, r: Rank): void {
  const x = r.along - r.radius - 6;
  const top = r.start - r.radius;
  const bottom = r.start + (r.shown - 1) * r.spacing + r.radius;
  const middle = (top + bottom) / 2;
  pen.strokeStyle = DUST;
  pen.lineWidth = 1.2;
  pen.beginPath();
  pen.moveTo(x, top);
  pen.bezierCurveTo(x - 7, top, x - 1, middle, x - 8, middle);
  pen.bezierCurveTo(x - 1, middle, x - 7, bottom, x, bottom);
  pen.stroke();
}

function head(pen: Pen, scene: Scene, r: Rank): void {
  const L = scene.sizes.length - 1;
  const name = r.layer === 0 ? "input" : r.layer === L ? "output" : `layer ${r.layer}`;
  const kind = r.layer ? ` · ${scene.activations[r.layer - 1].replace("_", " ")}` : "";
  const top = Math.min(...scene.at.ranks.map((other) => (other ? highest(other) : Infinity)));
  pen.textAlign = "center";
  pen.textBaseline = "alphabetic";
  pen.fillStyle = CHALK;
  pen.font = font(scene, 11.5);
  pen.fillText(name, r.along, top - 29);
  pen.fillStyle = DUST;
  pen.font = font(scene, 11);
  const shown = r.shown < r.size ? `, ${r.shown} shown` : "";
  pen.fillText(`${r.size}${kind}${shown}`, r.along, top - 29 + 14 * scene.type);
}

const highest = (r: Rank) => r.start - r.radius - (r.first > 0 ? r.spacing : 0);

function names(pen: Pen, scene: Scene, r: Rank): void {
  pen.font = font(scene, 11);
  pen.textBaseline = "middle";
  pen.fillStyle = CHALK;
  for (let k = r.first; k < r.first + r.shown; k++) {
    const [x, y] = place(scene.at, 0, k);
    const name = scene.inputs?.[k] ?? `x${k + 1}`;
    const brief = name.length > 9 ? `${name.slice(0, 8)}…` : name;
    if (scene.at.down) {
      if (r.spacing < 22) continue;
      pen.textAlign = "center";
      pen.fillText(brief, x, y - r.radius - 8);
    } else if (scene.at.picture) {
      pen.textAlign = "center";
      pen.fillText(brief, x, y - r.radius - 9);
    } else {
      pen.textAlign = "right";
      pen.fillText(brief, x - r.radius - 7, y);
    }
  }
}

/** The selection: yellow, and nothing else is. */
function focus(pen: Pen, scene: Scene): void {
  const { selected, hovered, at } = scene;
  for (const hit of [hovered, selected]) {
    const r = hit && at.ranks[hit.layer];
    if (!hit || !r) continue;
    pen.strokeStyle = hit === selected ? FOCUS : CHALK;
    if (hit.input !== null) line(pen, scene, hit, hit === selected);
    if (!isShown(r, hit.neuron)) continue;
    const [x, y] = place(at, hit.layer, hit.neuron);
    pen.lineWidth = hit === selected ? 2.5 : 1.5;
    pen.beginPath();
    const around = scene.thumbs?.has(hit.layer);
    if (around) pen.rect(x - r.radius - 4, y - r.radius - 4, 2 * r.radius + 8, 2 * r.radius + 8);
    else pen.arc(x, y, r.radius + 4, 0, HALF);
    pen.stroke();
  }
}

/** One connection, by itself; from the picture where its input is a pixel. */
function line(pen: Pen, scene: Scene, hit: Hit, selected: boolean): void {
  const { at } = scene;
  const k = hit.input ?? 0;
  const before = at.ranks[hit.layer - 1];
  const start = before
    ? edgeOf(at, place(at, hit.layer - 1, k), before.radius, 1)
    : pixel(scene, k);
  const r = at.ranks[hit.layer];
  if (!start || !r) return;
  const end = edgeOf(at, place(at, hit.layer, hit.neuron), r.radius, -1);
  const [ax, ay, bx, by] = bend(at, start, end);
  pen.lineWidth = selected ? 2.5 : 1.5;
  pen.beginPath();
  pen.moveTo(start[0], start[1]);
  pen.bezierCurveTo(ax, ay, bx, by, end[0], end[1]);
  pen.stroke();
}

function pixel({ at, picture }: Scene, k: number): [number, number] | null {
  const p = at.picture;
  if (!p || !picture) return null;
  const [row, column] = [Math.floor(k / picture.columns), k % picture.columns];
  return [
    p.x + ((column + 0.5) / picture.columns) * p.width,
    p.y + ((row + 0.5) / picture.rows) * p.height,
  ];
}
