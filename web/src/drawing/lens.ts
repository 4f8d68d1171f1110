/** What light means: each lens reads the same frame and gives a value to every neuron and
 * connection. All of it is the network's own: the page only multiplies what it was sent. */

export type LensName = "activation" | "weights" | "wishes" | "nudges" | "damage";

/** The fixed nudge of the Nudges lens. */
export const NUDGE = 0.1;

/** The arrays of one frame, by name: a0 .. aL, z1 .., delta1 .., w1 .., b1 .., y. */
export type Values = Readonly<Record<string, Float32Array | undefined>>;

/** What cannot be had from a frame: measured on the server, when asked for. */
export interface Measured {
  /** Accuracy lost with each neuron silenced, per layer. */
  damage?: Values;
  /** Accuracy lost with each of the chosen neuron's connections cut. */
  cut?: { layer: number; neuron: number; lost: Float32Array };
}

export interface Lens {
  name: LensName;
  label: string;
  /** What a neuron and a connection show, for the legend. */
  neurons: string;
  connections: string;
}

export const LENSES: readonly Lens[] = [
  {
    name: "activation",
    label: "Activation",
    neurons: "activation a",
    connections: "weight × activation",
  },
  { name: "weights", label: "Weights", neurons: "bias b", connections: "weight w" },
  {
    name: "wishes",
    label: "Wishes",
    neurons: "−∂C/∂a, for outputs −∂C/∂z",
    connections: "−∂C/∂w",
  },
  {
    name: "nudges",
    label: "Nudges",
    neurons: `change of cost for b + ${NUDGE}`,
    connections: `change of cost for w + ${NUDGE}`,
  },
  {
    name: "damage",
    label: "Damage",
    neurons: "accuracy lost when silenced",
    connections: "accuracy lost when cut",
  },
];

export const lensOf = (name: string): Lens =>
  LENSES.find((lens) => lens.name === name) ?? LENSES[0];

/** Activations that may be negative; the others are light from 0 up. */
const BELOW_ZERO = new Set(["tanh", "identity", "leaky_relu", "elu", "gelu", "silu", "mish"]);
/** Activations that lie in 0..1, so that full light is 1 whatever the others do. */
const UNIT = new Set(["sigmoid", "softmax", "step"]);

export const mayBeNegative = (activation: string): boolean => BELOW_ZERO.has(activation);
export const isUnit = (activation: string): boolean => UNIT.has(activation);

/** Whether a layer's neurons are shown by sign (blue, orange) under a lens, or as light. */
export function bySign(lens: LensName, activation: string): boolean {
  return lens === "activation" ? mayBeNegative(activation) : lens !== "damage";
}

/** Values of layers 1..L under a lens; index 0 is unused. `undefined`: not known. */
export class Reading {
  readonly neurons: (Float32Array | undefined)[] = [];
  readonly edges: (Float32Array | undefined)[] = [];
  /** The sum over the inputs of each layer-1 neuron's connections. */
  bundles: Float32Array | undefined;

  /** Arrays are kept between frames, as large as the network needs. */
  private readonly kept = new Map<string, Float32Array>();

  private room(name: string, length: number): Float32Array {
    const old = this.kept.get(name);
    if (old && old.length === length) return old;
    const fresh = new Float32Array(length);
    this.kept.set(name, fresh);
    return fresh;
  }

  /** Reads a frame. `edgesFrom`: the first layer whose connections are drawn one by one. */
  read(
    lens: LensName,
    values: Values,
    sizes: readonly number[],
    edgesFrom: number,
    measured: Measured = {},
  ): this {
    const L = sizes.length - 1;
    for (let l = 1; l <= L; l++) {
      this.neurons[l] = this.neuronsOf(lens, values, sizes, l, measured);
      this.edges[l] = l >= edgesFrom ? this.edgesOf(lens, values, sizes, l, measured) : undefined;
    }
    this.bundles = edgesFrom > 1 ? this.bundlesOf(lens, values, sizes) : undefined;
    return this;
  }

  private neuronsOf(
    lens: LensName,
    values: Values,
    sizes: readonly number[],
    l: number,
    measured: Measured,
  ): Float32Array | undefined {
    const delta = values[`delta${l}`];
    switch (lens) {
      case "activation":
        return values[`a${l}`];
      case "weights":
        return values[`b${l}`];
      case "damage":
        return measured.damage?.[`damage${l}`];
      case "nudges":
        return delta && times(delta, NUDGE, this.room(`n${l}`, sizes[l]));
      case "wishes":
        if (l === sizes.length - 1) return delta && times(delta, -1, this.room(`n${l}`, sizes[l]));
        return passedBack(
          values[`w${l + 1}`],
          values[`delta${l + 1}`],
          this.room(`n${l}`, sizes[l]),
        );
    }
  }

  private edgesOf(
    lens: LensName,
    values: Values,
    sizes: readonly number[],
    l: number,
    measured: Measured,
  ): Float32Array | undefined {
    const [w, a, delta] = [values[`w${l}`], values[`a${l - 1}`], values[`delta${l}`]];
    const [rows, columns] = [sizes[l], sizes[l - 1]];
    if (lens === "weights") return w;
    const out = this.room(`e${l}`, rows * columns);
    if (lens === "damage") {
      const cut = measured.cut;
      if (!cut || cut.layer !== l) return undefined;
      out.fill(0);
      out.set(cut.lost, cut.neuron * columns);
      return out;
    }
    if (!a) return undefined;
    if (lens === "activation") {
      if (!w) return undefined;
      for (let j = 0, i = 0; j < rows; j++)
        for (let k = 0; k < columns; k++, i++) out[i] = w[i] * a[k];
      return out;
    }
    if (!delta) return undefined;
    const factor = lens === "wishes" ? -1 : NUDGE;
    for (let j = 0, i = 0; j < rows; j++) {
      const d = factor * delta[j];
      for (let k = 0; k < columns; k++, i++) out[i] = d * a[k];
    }
    return out;
  }

  private bundlesOf(
    lens: LensName,
    values: Values,
    sizes: readonly number[],
  ): Float32Array | undefined {
    const out = this.room("bundles", sizes[1]);
    const [z, b, w, a, delta] = [values.z1, values.b1, values.w1, values.a0, values.delta1];
    if (lens === "activation" && z && b) {
      for (let j = 0; j < out.length; j++) out[j] = z[j] - b[j];
      return out;
    }
    if (lens === "weights" && w) {
      for (let j = 0; j < out.length; j++) out[j] = sum(w, j * sizes[0], sizes[0]);
      return out;
    }
    if ((lens === "wishes" || lens === "nudges") && delta && a)
      return times(delta, (lens === "wishes" ? -1 : NUDGE) * sum(a, 0, a.length), out);
    return undefined;
  }
}

/** A layer-1 neuron's connections one by one under a lens, (n_0,). */
export function fanOf(
  lens: LensName,
  values: Values,
  n: number,
  j: number,
  measured: Measured,
): Float32Array | undefined {
  const { w1, a0, delta1 } = values;
  const w = w1?.subarray(j * n, (j + 1) * n);
  if (lens === "weights") return w;
  if (lens === "damage") {
    const cut = measured.cut;
    return cut?.layer === 1 && cut.neuron === j ? cut.lost : undefined;
  }
  if (!a0) return undefined;
  if (lens === "activation") return w?.map((v, k) => v * a0[k]);
  if (!delta1) return undefined;
  return times(a0, (lens === "wishes" ? -1 : NUDGE) * delta1[j], new Float32Array(n));
}

function times(data: Float32Array, factor: number, out: Float32Array): Float32Array {
  for (let i = 0; i < out.length; i++) out[i] = factor * data[i];
  return out;
}

function sum(data: Float32Array, from: number, length: number): number {
  let total = 0;
  for (let i = from; i < from + length; i++) total += data[i];
  return total;
}

/** −∂C/∂a of a layer: what the layer after it wishes of it, −wᵀ δ. */
export function passedBack(
  w: Float32Array | undefined,
  delta: Float32Array | undefined,
  out: Float32Array,
): Float32Array | undefined {
  if (!w || !delta) return undefined;
  const n = out.length;
  out.fill(0);
  for (let j = 0; j < delta.length; j++)
    for (let k = 0; k < n; k++) out[k] -= w[j * n + k] * delta[j];
  return out;
}
