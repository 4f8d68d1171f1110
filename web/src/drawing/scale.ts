/** What full light means: the largest value of a neuron, a layer or the whole network. */

export type Scope = "neuron" | "layer" | "network";
export const SCOPES: readonly Scope[] = ["neuron", "layer", "network"];

/** The largest absolute value, 0 where there is none; what is not a number is passed over. */
export function largest(data: ArrayLike<number>, from = 0, to = data.length): number {
  let most = 0;
  for (let i = from; i < to; i++) {
    const size = Math.abs(data[i]);
    if (size > most && size < Infinity) most = size;
  }
  return most;
}

/** The value that is drawn at full strength for neuron `j` of one of `layers`.
 *
 * A layer's data holds one or more numbers a neuron (`each`): its bias, or its weights. */
export function full(
  layers: readonly (Float32Array | undefined)[],
  layer: number,
  j: number,
  each: number,
  scope: Scope,
): number {
  const data = layers[layer];
  if (!data) return 0;
  if (scope === "neuron") return largest(data, j * each, (j + 1) * each);
  if (scope === "layer") return largest(data);
  return Math.max(...layers.map((values) => (values ? largest(values) : 0)));
}

/** Ticks at round numbers that cover [low, high]. */
export function ticks(low: number, high: number, about: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const rough = span / Math.max(1, about);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10) * power;
  const out: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * span; i++)
    out.push(i * step || 0); // no −0
  return out;
}

/** A straight line from [a, b] to [c, d] and its inverse. */
export function linear(a: number, b: number, c: number, d: number) {
  const slope = b === a ? 0 : (d - c) / (b - a);
  return {
    at: (x: number) => c + (x - a) * slope,
    back: (y: number) => (slope === 0 ? a : a + (y - c) / slope),
  };
}
