/** Formulas and curves of one neuron, with its numbers in them. */

import { WORDS } from "./activation";
import { m, s } from "./dom";
import { fixed, number, probability } from "./format";
import { isUnit } from "./lens";
import { linear } from "./scale";

/** An activation's value as it deserves: a probability where it lies in 0..1. */
export const show = (a: number, activation: string): string =>
  isUnit(activation) ? probability(a) : number(a);

/** How a value is joined to a formula: "= 0.867", but "< 0.001" where it is written so. */
export function joined(a: number, activation: string): [sign: string, value: string] {
  const text = show(a, activation);
  return /^[<>]/.test(text) ? [text.slice(0, 1), text.slice(1)] : ["=", text];
}

/** a = σ(Σ + b) with the numbers in it. */
export function formulaOf(sum: number, b: number, a: number, activation: string): Element {
  const plain = (v: number) => m("mn", number(Math.abs(v)));
  const head = sum < 0 ? [m("mo", "−"), plain(sum)] : [plain(sum)];
  const name = WORDS[activation] ?? activation;
  const [sign, value] = joined(a, activation);
  const softmax = activation === "softmax";
  const close = softmax ? [m("mo", ","), m("mo", "…"), m("mo", ")")] : [m("mo", ")")];
  return m(
    "math",
    m(
      "mrow",
      m("mi", "a"),
      m("mo", "="),
      m("mi", name),
      m("mo", "("),
      ...head,
      m("mo", b < 0 ? "−" : "+"),
      plain(b),
      ...close,
      m("mo", sign),
      m("mn", value),
    ),
  );
}

/** σ as a curve with the neuron's point on it, and the step of a perceptron beside it. */
export function curveGraph(
  name: string,
  f: (z: number) => number,
  step: boolean,
  z: number,
  a: number,
): Element {
  const [width, height, span] = [272, 92, 6];
  const reach = Math.max(span, Math.min(40, Math.ceil(Math.abs(z))));
  const top = Math.max(1, Math.min(reach, f(reach)));
  const bottom = Math.min(0, f(-reach));
  const x = linear(-reach, reach, 8, width - 8);
  const y = linear(bottom, top, height - 18, 8);
  const path = (g: (v: number) => number) => {
    let d = "";
    for (let i = 0; i <= 160; i++) {
      const v = -reach + (2 * reach * i) / 160;
      d += `${d ? "L" : "M"}${x.at(v).toFixed(1)} ${y.at(g(v)).toFixed(1)}`;
    }
    return d;
  };
  const svg = s("svg", {
    class: "rail-graph",
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-label": `${step ? "Step" : name}: z of ${number(z)} gives a of ${number(a)}`,
  });
  svg.append(
    s("line", { class: "axis", x1: 8, x2: width - 8, y1: y.at(0), y2: y.at(0) }),
    s("line", { class: "axis", x1: x.at(0), x2: x.at(0), y1: 4, y2: height - 14 }),
    s("path", { class: `curve${step ? "" : " on"}`, d: path(f) }),
    s("path", { class: `curve step${step ? " on" : ""}`, d: path((v) => (v > 0 ? 1 : 0)) }),
  );
  svg.append(
    s("circle", {
      class: "dot",
      cx: x.at(z),
      cy: y.at(Math.max(bottom, Math.min(top, a))),
      r: 5,
    }),
    s("text", { x: 8, y: height - 3 }, fixed(-reach, 0)),
    s("text", { x: x.at(0) + 4, y: height - 3 }, "z = 0"),
    s("text", { x: width - 8, y: height - 3, "text-anchor": "end" }, fixed(reach, 0)),
  );
  return svg;
}
