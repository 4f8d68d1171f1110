/** What lies under a pointer: a neuron, a connection, a pixel of the input. */

import type { Strongest } from "./edges";
import { bend, isShown, place, type Layout } from "./layout";

export interface Hit {
  layer: number;
  neuron: number;
  /** The neuron of the layer before, where a connection was meant. */
  input: number | null;
}

/** The neuron nearest to a point, within `reach` of its edge; null if there is none. */
export function neuronAt(at: Layout, x: number, y: number, reach = 6): Hit | null {
  for (const r of at.ranks) {
    if (!r) continue;
    const [along, across] = at.down ? [y, x] : [x, y];
    if (Math.abs(along - r.along) > r.radius + reach) continue;
    const slot = Math.round((across - r.start) / r.spacing);
    if (slot < 0 || slot >= r.shown) continue;
    const away = Math.hypot(along - r.along, across - (r.start + slot * r.spacing));
    if (away <= r.radius + reach) return { layer: r.layer, neuron: r.first + slot, input: null };
  }
  return null;
}

const SAMPLES = 24;

/** The drawn connection nearest to a point, at most `reach` pixels away.
 *
 * `blocks[e.block]` is the layer that a connection leads to. */
export function edgeAt(
  at: Layout,
  edges: Strongest,
  layers: readonly number[],
  x: number,
  y: number,
  reach = 5,
): Hit | null {
  let nearest = reach;
  let hit: Hit | null = null;
  for (let e = edges.length - 1; e >= 0; e--) {
    const layer = layers[edges.block[e]];
    const [to, from] = [edges.to[e], edges.from[e]];
    const away = distance(at, layer, to, from, x, y);
    if (away < nearest) {
      nearest = away;
      hit = { layer, neuron: to, input: from };
    }
  }
  return hit;
}

function distance(
  at: Layout,
  layer: number,
  to: number,
  from: number,
  x: number,
  y: number,
): number {
  const [before, after] = [at.ranks[layer - 1], at.ranks[layer]];
  if (!before || !after || !isShown(before, from) || !isShown(after, to)) return Infinity;
  const start = place(at, layer - 1, from);
  const end = place(at, layer, to);
  const inside = at.down ? y > start[1] && y < end[1] : x > start[0] && x < end[0];
  if (!inside) return Infinity;
  const [ax, ay, bx, by] = bend(at, start, end);
  let least = Infinity;
  for (let i = 1; i < SAMPLES; i++) {
    const t = i / SAMPLES;
    const s = 1 - t;
    const [p, q, u, v] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
    const dx = p * start[0] + q * ax + u * bx + v * end[0] - x;
    const dy = p * start[1] + q * ay + u * by + v * end[1] - y;
    least = Math.min(least, dx * dx + dy * dy);
  }
  return Math.sqrt(least);
}

/** The index of the input that a point of the picture shows; null outside it. */
export function pixelAt(
  at: Layout,
  [rows, columns]: readonly [number, number],
  x: number,
  y: number,
): number | null {
  const p = at.picture;
  if (!p) return null;
  const column = Math.floor(((x - p.x) / p.width) * columns);
  const row = Math.floor(((y - p.y) / p.height) * rows);
  const inside = column >= 0 && column < columns && row >= 0 && row < rows;
  return inside ? row * columns + column : null;
}

/** The next neuron for an arrow key: along the layers, or within one. */
export function walk(sizes: readonly number[], from: Hit | null, key: string, down: boolean): Hit {
  if (!from) return { layer: 1, neuron: 0, input: null };
  const turned = down
    ? {
        ArrowUp: "ArrowLeft",
        ArrowDown: "ArrowRight",
        ArrowLeft: "ArrowUp",
        ArrowRight: "ArrowDown",
      }
    : null;
  const way = turned?.[key as keyof typeof turned] ?? key;
  const last = sizes.length - 1;
  if (way === "ArrowLeft" || way === "ArrowRight") {
    const layer = Math.max(1, Math.min(last, from.layer + (way === "ArrowLeft" ? -1 : 1)));
    const share = sizes[from.layer] > 1 ? from.neuron / (sizes[from.layer] - 1) : 0.5;
    const neuron = layer === from.layer ? from.neuron : Math.round(share * (sizes[layer] - 1));
    return { layer, neuron, input: null };
  }
  const most = sizes[from.layer] - 1;
  const steps: Record<string, number> = {
    ArrowUp: -1,
    ArrowDown: 1,
    PageUp: -8,
    PageDown: 8,
  };
  const neuron = way === "Home" ? 0 : way === "End" ? most : from.neuron + (steps[way] ?? 0);
  return { layer: from.layer, neuron: Math.max(0, Math.min(most, neuron)), input: null };
}
