/** The instruments as figures to take away: what is on the screen, as SVG. */

import type { Model } from "../view";
import { paintBars } from "./bars";
import { CHALK, DUST, light, NEGATIVE, POSITIVE, RING, signed, STAGE, TROUGH } from "./colour";
import { type Inside, nameOf } from "./facts";
import { joined } from "./figures";
import { number, signedNumber } from "./format";
import { isUnit } from "./lens";
import type { Curve } from "./nudgecurve";
import type { Opened } from "./opened";
import type { Outcome } from "./outcome";
import { SvgPen } from "./pen";
import { Picture, shapeOf } from "./picture";
import { placeName } from "./places";
import { largest, linear } from "./scale";
import { outputNames, valuesOf } from "./scene";
import type { Step } from "./steps";

/** A sheet of the stage's colour with words on it. */
class Figure extends SvgPen {
  constructor(width: number, height: number, title: string) {
    super(width, height, title);
    this.fillStyle = STAGE;
    this.fillRect(0, 0, width, height);
  }

  write(text: string, x: number, y: number, size = 13, colour = CHALK, weight = 400): this {
    this.fillStyle = colour;
    this.font = `${weight} ${size}px system-ui`;
    this.fillText(text, x, y);
    return this;
  }

  between(from: readonly [number, number], to: readonly [number, number], colour: string): void {
    this.strokeStyle = colour;
    this.beginPath();
    this.moveTo(...from);
    this.lineTo(...to);
    this.stroke();
  }
}

/** A neuron's weights beside weights times input, and the sum. */
export function neuronFigure(model: Model, inner: Inside | null, title: string): string {
  if (!inner) return new Figure(560, 60, title).write(title, 20, 34).text();
  const pen = new Figure(560, 390, title);
  const { w, x, n, place, sum, b, z, a, activation } = inner;
  const image = place.layer === 1 ? shapeOf(model.get("state")?.data.image ?? null, n) : null;
  const products = Float32Array.from({ length: n }, (_, k) => (w?.[k] ?? 0) * (x?.[k] ?? 0));
  pen.write(nameOf(model, place), 20, 30, 15, CHALK, 700);
  [w ?? products, products].forEach((values, i) => {
    const box = { x: 20 + i * 270, y: 46, width: 250, height: 250 };
    if (image)
      new Picture(...image)
        .sign(values, largest(values))
        .on(pen, box.x, box.y, box.width, box.height);
    else paintBars(pen, values, box, place.input);
    pen.write(i ? "weights × what comes in" : "weights", box.x, 314, 12, DUST);
  });
  pen.write(
    `Σ = ${signedNumber(sum)}    b = ${signedNumber(b)}    z = ${signedNumber(z)}`,
    20,
    346,
    14,
  );
  pen.write(`a = ${activation}(z) ${joined(a, activation).join(" ")}`, 20, 370, 14);
  return pen.text();
}

/** The cost as one parameter moves. */
export function nudgeFigure(
  found: Outcome | undefined,
  curve: Curve | undefined,
  title: string,
): string {
  const pen = new Figure(480, 340, title);
  if (found) {
    pen.write(placeName(found.place), 20, 30, 15, CHALK, 700);
    if (found.predicted !== null && found.measured !== null)
      pen.write(
        `δ = ${signedNumber(found.by)}: predicted ${signedNumber(found.predicted)}, ` +
          `measured ${signedNumber(found.measured)}`,
        20,
        52,
      );
  }
  if (!curve) return pen.text();
  const most =
    Math.max(largest(curve.points.map(({ change }) => change)), Math.abs(curve.slope)) || 1;
  const x = linear(-1, 1, 60, 460);
  const y = linear(-most, most, 300, 80);
  pen.between([60, y.at(0)], [460, y.at(0)], RING);
  pen.between([x.at(0), 80], [x.at(0), 300], RING);
  pen.lineWidth = 2;
  pen.setLineDash([5, 3]);
  pen.between([x.at(-1), y.at(-curve.slope)], [x.at(1), y.at(curve.slope)], DUST);
  pen.setLineDash([]);
  pen.strokeStyle = light(1);
  pen.beginPath();
  curve.points.forEach(({ by, change }, i) =>
    i ? pen.lineTo(x.at(by), y.at(change)) : pen.moveTo(x.at(by), y.at(change)),
  );
  pen.stroke();
  pen.write(`ΔC ±${number(most, 2)}`, 60, 74, 11, DUST);
  pen.write(
    "δ from −1 to 1; solid: measured, dashed: predicted by the gradient",
    60,
    324,
    11,
    DUST,
  );
  return pen.text();
}

/** The cost output by output, and the wishes passed back. */
export function openedFigure(model: Model, found: Opened | undefined, title: string): string {
  const state = model.get("state");
  if (!found || !state) return new Figure(560, 60, title).write(title, 20, 34).text();
  const L = state.sizes.length - 1;
  const names = outputNames(state);
  const [row, top] = [22, 62];
  const lower = top + row * found.terms.length + 40;
  const pen = new Figure(560, lower + 44 * L, title);
  pen.write(`The cost, output by output: C = ${number(found.cost)}`, 20, 30, 15, CHALK, 700);
  const most = largest(found.terms.map(({ term }) => term)) || 1;
  found.terms.forEach(({ output, a, y, term }, i) => {
    const at = top + row * i;
    pen.write(names?.[output] ?? String(output + 1), 20, at + 5, 13, CHALK, 700);
    pen.write(`a ${number(a)}   y ${number(y)}`, 70, at + 5, 12, DUST);
    pen.fillStyle = light(0.85);
    pen.fillRect(230, at - 6, 200 * (Math.abs(term) / most), 12);
    pen.write(number(term), 445, at + 5, 12);
  });
  for (let l = L; l >= 1; l--) {
    const values = l === L ? found.wishes[l] : found.wishesOfA[l];
    const at = lower + 44 * (L - l);
    pen.write(
      l === L ? "outputs want (−∂C/∂z)" : `layer ${l} is wished (−∂C/∂a)`,
      20,
      at,
      12,
      DUST,
    );
    if (values) tilesOn(pen, values, at + 6);
  }
  return pen.text();
}

function tilesOn(pen: Figure, values: Float32Array, y: number): void {
  const most = largest(values) || 1;
  const each = Math.min(24, 520 / values.length);
  values.forEach((value, j) => {
    const [t, x] = [value / most, 20 + j * each];
    pen.fillStyle = signed(t);
    pen.fillRect(x, y, each - 1, 18);
    if (each < 12 || Math.abs(t) < 0.02) return;
    pen.write(t > 0 ? "+" : "−", x + each / 2 - 4, y + 14, 12, Math.abs(t) > 0.45 ? STAGE : CHALK);
  });
}

/** A drawing's steps, and what the network makes of it. */
export function drawnFigure(model: Model, steps: readonly Step[], title: string): string {
  const state = model.get("state");
  const outputs = state && valuesOf(model.get("frame"), state)[`a${state.sizes.length - 1}`];
  const width = Math.max(420, 20 + 104 * steps.length);
  const pen = new Figure(width, 190 + 20 * (outputs?.length ?? 0), title);
  pen.write(title, 20, 30, 15, CHALK, 700);
  steps.forEach(({ name, sheet }, i) => {
    const by = 92 / Math.max(sheet.rows, sheet.columns);
    const x = 20 + 104 * i;
    new Picture(sheet.rows, sheet.columns)
      .ink(sheet.data)
      .on(pen, x, 46, sheet.columns * by, sheet.rows * by);
    pen.strokeStyle = RING;
    pen.strokeRect(x, 46, 92, 92);
    pen.write(name, x, 154, 11, DUST);
  });
  const names = state && outputNames(state);
  const unit = state && isUnit(state.activations[state.activations.length - 1]);
  outputs?.forEach((value, j) => {
    const y = 186 + 20 * j;
    pen.write(names?.[j] ?? String(j + 1), 20, y, 13, CHALK, 700);
    pen.fillStyle = TROUGH;
    pen.fillRect(60, y - 10, 240, 10);
    pen.fillStyle = unit ? light(1) : value < 0 ? NEGATIVE : POSITIVE;
    pen.fillRect(60, y - 10, 240 * Math.max(0, Math.min(1, Math.abs(value))), 10);
    pen.write(number(value), 312, y, 12);
  });
  return pen.text();
}
