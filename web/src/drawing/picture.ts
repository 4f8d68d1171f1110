/** Small pictures made of numbers: one value a pixel, drawn by one putImageData. */

import { lightPixel, lifted, signedPixel } from "./colour";
import { SvgPen, type Pen } from "./pen";

/** Small weights lifted, |w / max|^0.6, so that a faint pattern can be seen. */
export const LIFT = 0.6;

/** A canvas of h x w pixels that is filled again and again. */
export class Picture {
  readonly canvas = document.createElement("canvas");
  private readonly pen: CanvasRenderingContext2D;
  private pixels: ImageData;
  private words: Uint32Array;

  constructor(
    public rows: number,
    public columns: number,
  ) {
    const pen = this.canvas.getContext("2d");
    if (!pen) throw new Error("This browser has no canvas.");
    this.pen = pen;
    this.pixels = new ImageData(columns, rows);
    this.words = new Uint32Array(this.pixels.data.buffer);
    this.canvas.width = columns;
    this.canvas.height = rows;
  }

  resize(rows: number, columns: number): void {
    if (rows === this.rows && columns === this.columns) return;
    this.rows = rows;
    this.columns = columns;
    this.canvas.width = columns;
    this.canvas.height = rows;
    this.pixels = new ImageData(columns, rows);
    this.words = new Uint32Array(this.pixels.data.buffer);
  }

  /** Ink: 0 is the stage, `most` is full light. */
  ink(data: ArrayLike<number>, most = 1): this {
    for (let i = 0; i < this.words.length; i++) this.words[i] = lightPixel(data[i] / most);
    return this.put();
  }

  /** Signed values: blue above zero, orange below, `most` at full strength. */
  sign(data: ArrayLike<number>, most: number, start = 0, exponent = LIFT): this {
    const by = most > 0 ? 1 / most : 0;
    for (let i = 0; i < this.words.length; i++)
      this.words[i] = signedPixel(lifted(data[start + i] * by, exponent));
    return this.put();
  }

  /** Any pixels, one packed word each. */
  fill(pixel: (i: number) => number): this {
    for (let i = 0; i < this.words.length; i++) this.words[i] = pixel(i);
    return this.put();
  }

  private put(): this {
    this.pen.putImageData(this.pixels, 0, 0);
    return this;
  }

  /** Draws itself, pixels sharp (or smooth), on a canvas or into SVG. */
  on(pen: Pen, x: number, y: number, width: number, height: number, smooth = false): void {
    if (pen instanceof SvgPen) {
      pen.image(this.canvas.toDataURL(), x, y, width, height);
      return;
    }
    const canvas = pen as CanvasRenderingContext2D;
    canvas.imageSmoothingEnabled = smooth;
    canvas.drawImage(this.canvas, x, y, width, height);
  }
}

/** The height and width of n inputs as a picture: the data's own, else null. */
export function shapeOf(
  image: readonly [number, number] | null,
  inputs: number,
): readonly [number, number] | null {
  return image && image[0] * image[1] === inputs ? image : null;
}
