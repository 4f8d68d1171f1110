/** Activations as curves to draw: the same functions as mathematics/activations.py.
 *
 * Only curves and axes are made of them; every number shown comes from the server. */

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const softplus = (z: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
/** Φ of the normal distribution; Abramowitz and Stegun 7.1.26, to 1.5e-7. */
function normal(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const terms = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const rest = terms.reduce((sum, c) => sum * t + c, 0) * t * Math.exp(-x * x);
  return z < 0 ? rest / 2 : 1 - rest / 2;
}

const CURVES: Record<string, (z: number) => number> = {
  step: (z) => (z > 0 ? 1 : 0),
  identity: (z) => z,
  sigmoid,
  tanh: Math.tanh,
  relu: (z) => Math.max(0, z),
  leaky_relu: (z) => (z > 0 ? z : 0.01 * z),
  elu: (z) => (z > 0 ? z : Math.expm1(z)),
  softplus,
  gelu: (z) => z * normal(z),
  silu: (z) => z * sigmoid(z),
  mish: (z) => z * Math.tanh(softplus(z)),
  exponential: Math.exp,
};

/** The curve of an activation; null for softmax, which is no function of one z. */
export const curveOf = (name: string): ((z: number) => number) | null => CURVES[name] ?? null;

/** Its formula, for MathML: what stands for σ. */
export const WORDS: Record<string, string> = {
  step: "step",
  identity: "",
  sigmoid: "σ",
  tanh: "tanh",
  relu: "relu",
  leaky_relu: "leaky relu",
  elu: "elu",
  softplus: "softplus",
  gelu: "gelu",
  silu: "silu",
  mish: "mish",
  exponential: "exp",
  softmax: "softmax",
};
