import { bars } from "./bars";
import { h, say } from "./dom";
import { number } from "./format";
import { Picture } from "./picture";
import { largest } from "./scale";

/** One picture of a neuron's numbers: pixels where it sees an image, bars where not. */
export class Seen {
  readonly canvas = h("canvas", { role: "img" });
  readonly caption = h("figcaption");
  private readonly mark = h("i");
  private readonly spot = h("span", { class: "rail-spot" }, this.canvas, this.mark);
  readonly figure = h("figure", {}, this.spot, this.caption);
  private image: readonly [number, number] | null = null;
  private n = 0;
  private readonly picture = new Picture(1, 1);

  constructor(caption: string) {
    say(this.caption, caption);
  }

  show(
    values: Float32Array,
    image: readonly [number, number] | null,
    chosen: number | null,
    full: number,
    what: string,
  ): void {
    this.image = image;
    this.n = values.length;
    this.canvas.classList.toggle("rail-image", Boolean(image));
    this.canvas.setAttribute(
      "aria-label",
      `${what}, the largest ${number(largest(values))} in size`,
    );
    this.mark.hidden = chosen === null || !image;
    if (!image) {
      bars(this.canvas, values, 130, chosen);
      return;
    }
    this.picture.resize(image[0], image[1]);
    if (this.canvas.width !== image[1]) this.canvas.width = image[1];
    if (this.canvas.height !== image[0]) this.canvas.height = image[0];
    if (values.length) this.picture.sign(values, full);
    this.canvas.getContext("2d")?.drawImage(this.picture.canvas, 0, 0);
    if (chosen === null) return;
    const [rows, columns] = image;
    const style = this.mark.style;
    style.left = `${(100 * (chosen % columns)) / columns}%`;
    style.top = `${(100 * Math.floor(chosen / columns)) / rows}%`;
    style.width = `${Math.max(100 / columns, 6)}%`;
    style.height = `${Math.max(100 / rows, 6)}%`;
  }

  at(event: MouseEvent): number | null {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    if (x < 0 || y < 0 || x >= 1 || y >= 1) return null;
    if (!this.image) return Math.floor(y * this.n);
    const [rows, columns] = this.image;
    return Math.floor(y * rows) * columns + Math.floor(x * columns);
  }
}
