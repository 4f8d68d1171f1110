/** What a nudge did: as the gradient predicts it, and as it was measured. */

import type { Place } from "../wire";
import { m } from "./dom";
import { number } from "./format";

export interface Side {
  /** null where no target says what is right. */
  cost: number | null;
  /** null where it is over many examples: their accuracy then. */
  outputs: number[] | null;
  accuracy: number | null;
}
export interface Outcome {
  key: string;
  /** Of the network as it was at this step. */
  step: number;
  place: Place;
  by: number;
  value: number;
  over: string;
  before: Side;
  after: Side;
  predicted: number | null;
  measured: number | null;
  gradient: number | null;
}

/** ΔC ≈ ∂C/∂w · δ with its numbers. */
export function formulaOf({ gradient, by, predicted, place }: Outcome): Element | null {
  if (gradient === null || predicted === null) return null;
  const of = m(
    "mfrac",
    m("mrow", m("mo", "∂"), m("mi", "C")),
    m("mrow", m("mo", "∂"), m("mi", place.input === null ? "b" : "w")),
  );
  const factor = (v: number) =>
    v < 0
      ? m("mrow", m("mo", "("), m("mo", "−"), m("mn", number(-v)), m("mo", ")"))
      : m("mn", number(v));
  const result =
    predicted < 0 ? [m("mo", "−"), m("mn", number(-predicted))] : [m("mn", number(predicted))];
  return m(
    "math",
    m(
      "mrow",
      m("mi", "ΔC"),
      m("mo", "≈"),
      of,
      m("mo", "·"),
      m("mi", "δ"),
      m("mo", "="),
      factor(gradient),
      m("mo", "·"),
      factor(by),
      m("mo", "="),
      ...result,
    ),
  );
}
