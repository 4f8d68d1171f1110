/** Numbers in words and digits: a true minus sign, as many digits as a number deserves. */

const MINUS = "−";
const RAISED: Record<string, string> = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
};

/** A number with `digits` significant digits, never more than six decimals. */
export function number(x: number, digits = 3): string {
  if (Number.isNaN(x)) return "not a number";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : `${MINUS}∞`;
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e6 || size < 1e-5) return exponential(x, digits);
  const before = Math.floor(Math.log10(size)) + 1;
  const text = size.toFixed(Math.max(0, Math.min(8, digits - before)));
  const [whole, rest] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return (x < 0 ? MINUS : "") + grouped + (rest === undefined ? "" : `.${rest}`);
}

function exponential(x: number, digits: number): string {
  const [head, power] = Math.abs(x)
    .toExponential(digits - 1)
    .split("e");
  const raised = [...power.replace("+", "")].map((c) => RAISED[c]).join("");
  return `${x < 0 ? MINUS : ""}${head}·10${raised}`;
}

/** With + or −, so that the sign is never colour alone. */
export function signedNumber(x: number, digits = 3): string {
  return x > 0 ? `+${number(x, digits)}` : number(x, digits);
}

/** A fixed number of decimals, with a true minus and no "−0.00". */
export function fixed(x: number, decimals = 2): string {
  if (!Number.isFinite(x)) return number(x);
  const text = Math.abs(x).toFixed(decimals);
  return x < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** A whole number with its thousands marked. */
export function count(n: number): string {
  return Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",")
    .replace("-", MINUS);
}

/** A probability: three decimals; what would round to 0 or 1 and is not says so. */
export function probability(p: number): string {
  if (p > 0 && p < 0.0005) return "<0.001";
  if (p < 1 && p >= 0.9995) return ">0.999";
  return fixed(p, 3);
}

/** A share of `of` examples in per cent, with the decimals that `of` can tell apart. */
export function percent(share: number, of = 1000): string {
  const decimals = of >= 10_000 ? 2 : of >= 1000 ? 1 : of >= 100 ? 1 : 0;
  return `${fixed(100 * share, decimals)} %`;
}

/** "1 neuron", "16 neurons". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** "a", "a and b", "a, b and c". */
export function list(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** What a person typed as a number, a true minus or a comma in it or not; NaN if none. */
export function parse(text: string): number {
  const plain = text.trim().replace(/−/g, "-").replace(/^\+/, "");
  const decimal = /^-?\d+,\d+$/.test(plain) ? plain.replace(",", ".") : plain;
  return /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(decimal) ? Number(decimal) : NaN;
}
