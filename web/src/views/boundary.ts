// Two-feature data: the plane, large, with the decision boundary as it moves, and what the
// network answers at the point under the hand.

import type { Model, Table, View } from "../view";
import { CHALK, DUST, STAGE } from "../drawing/colour";
import { framed, h, listen, say } from "../drawing/dom";
import { count, fixed, number, percent } from "../drawing/format";
import type { Rect } from "../drawing/layout";
import { SvgPen, type Pen } from "../drawing/pen";
import {
  answerAt,
  exampleAt,
  Examples,
  huesOf,
  mark,
  paintPoints,
  Plane,
  rangeOf,
  spot,
  type Range,
} from "../drawing/plane";
import { linear, ticks } from "../drawing/scale";
import { outputNames } from "../drawing/scene";
import "./boundary.css";

/** Examples that each page has, for its sentence and picture. */
const known = new WeakMap<Model, Examples>();

export function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const view = new Boundary(model, el);
  return () => view.remove();
}

class Boundary {
  private readonly canvas = h("canvas", { role: "img" });
  private readonly box = h(
    "div",
    {
      class: "boundary-box",
      tabindex: 0,
      role: "group",
      "aria-label":
        "The plane. Arrow keys move a point over it; Enter chooses the nearest example.",
    },
    this.canvas,
  );
  private readonly words = h("p", { role: "status" });
  private readonly key = h("ul", { class: "boundary-key" });
  private readonly plane = new Plane();
  private readonly examples: Examples;
  private readonly frames = framed(() => this.draw());
  private readonly stops: (() => void)[] = [];
  private at: [number, number] | null = null;
  private area: Rect = { x: 0, y: 0, width: 1, height: 1 };
  private keyed = "";

  constructor(
    private readonly model: Model,
    private readonly el: HTMLElement,
  ) {
    this.examples = new Examples(model, () => this.frames.ask());
    known.set(model, this.examples);
    this.examples.ask();
    el.append(h("div", { class: "boundary-view" }, this.box, this.words, this.key));
    for (const name of ["frame", "state", "example"] as const) {
      const changed = () => {
        if (name === "state") this.examples.ask();
        this.frames.ask();
      };
      model.on(`change:${name}`, changed);
      this.stops.push(() => model.off(`change:${name}`, changed));
    }
    const size = new ResizeObserver(() => this.frames.ask());
    size.observe(this.box);
    this.stops.push(
      () => size.disconnect(),
      listen(this.box, "pointermove", (event: PointerEvent) => this.move(event)),
      listen(this.box, "click", () => this.choose()),
      listen(this.box, "keydown", (event: KeyboardEvent) => this.walk(event)),
    );
    this.draw();
  }

  private move(event: PointerEvent): void {
    const box = this.canvas.getBoundingClientRect();
    this.at = [event.clientX - box.left, event.clientY - box.top];
    this.frames.ask();
  }

  private walk(event: KeyboardEvent): void {
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const by = steps[event.key];
    if (event.key === "Enter") this.choose();
    else if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    if (!by) return;
    const { x, y, width, height } = this.area;
    const [px, py] = this.at ?? [x + width / 2, y + height / 2];
    this.at = [px + (by[0] * width) / 40, py + (by[1] * height) / 40];
    this.frames.ask();
  }

  private choose(): void {
    const range = rangeOf(this.model);
    if (!range || !this.at) return;
    const found = exampleAt(this.examples.points, range, this.area, this.at[0], this.at[1], 24);
    if (!found) return;
    this.model.set("example", found);
    this.model.save_changes();
  }

  private draw(): void {
    const { clientWidth: width, clientHeight: height } = this.box;
    const pen = this.canvas.getContext("2d");
    if (!pen || !width || !height) return;
    const dots = window.devicePixelRatio || 1;
    if (
      this.canvas.width !== Math.round(width * dots) ||
      this.canvas.height !== Math.round(height * dots)
    ) {
      this.canvas.width = Math.round(width * dots);
      this.canvas.height = Math.round(height * dots);
    }
    pen.setTransform(dots, 0, 0, dots, 0, 0);
    this.area = areaOf(this.model, width, height);
    paintBoundary(pen, this.model, this.plane, this.examples, width, height);
    if (this.at) this.cross(pen, this.at);
    say(this.words, this.read() || summary(this.model));
    this.canvas.setAttribute("aria-label", summary(this.model));
    this.el.dataset["step"] = String(this.model.get("frame")?.step ?? "");
    this.legend();
  }

  private cross(pen: Pen, [x, y]: [number, number]): void {
    const { x: left, y: top, width, height } = this.area;
    if (x < left || y < top || x > left + width || y > top + height) return;
    pen.strokeStyle = CHALK;
    pen.lineWidth = 1;
    pen.setLineDash([2, 3]);
    pen.beginPath();
    pen.moveTo(x, top);
    pen.lineTo(x, top + height);
    pen.moveTo(left, y);
    pen.lineTo(left + width, y);
    pen.stroke();
    pen.setLineDash([]);
  }

  /** The network's answer at the point: of the grid that it was sent. */
  private read(): string {
    const range = rangeOf(this.model);
    const block = this.model.get("frame")?.blocks["plane"];
    const state = this.model.get("state");
    if (!range || !block || !this.at || !state) return "";
    const { x, y, width, height } = this.area;
    const [u, v] = [(this.at[0] - x) / width, 1 - (this.at[1] - y) / height];
    if (u < 0 || v < 0 || u > 1 || v > 1) return "";
    const [outputs, rows, columns] = block.shape;
    const [row, column] = [Math.round(v * (rows - 1)), Math.round(u * (columns - 1))];
    const i = row * columns + column;
    const { index } = answerAt(block.data, i, rows * columns, outputs);
    const name = state.data.classes?.[index] ?? String(index);
    const p = outputs === 1 ? block.data[i] : block.data[index * rows * columns + i];
    const [x0, x1, y0, y1] = range;
    const said =
      outputs === 1
        ? `output ${fixed(p, 3)}`
        : `output ${fixed(p, 3)} of ${outputNames(state)?.[index] ?? name}`;
    // The point of the grid, not of the pointer: there the answer is the network's own.
    const px = x0 + (column / (columns - 1)) * (x1 - x0);
    const py = y0 + (row / (rows - 1)) * (y1 - y0);
    return `At ${number(px, 4)}, ${number(py, 4)} the answer is ${name}: ${said}.`;
  }

  private legend(): void {
    const classes = this.model.get("state")?.data.classes ?? [];
    if (this.keyed === classes.join()) return;
    this.keyed = classes.join();
    this.key.replaceChildren();
    classes.forEach((name, index) => {
      const canvas = h("canvas", { width: 32, height: 32, "aria-hidden": "true" });
      const pen = canvas.getContext("2d");
      if (pen) mark(pen, huesOf(classes), index, 16, 16, 9, true);
      this.key.append(h("li", {}, canvas, `class ${name}`));
    });
    this.key.append(h("li", {}, "filled: training part; with a light rim: test part"));
  }

  remove(): void {
    for (const stop of this.stops) stop();
    this.frames.stop();
    this.el.replaceChildren();
  }
}

/** The plane keeps its proportions, with room for the axes. */
function areaOf(model: Model, width: number, height: number): Rect {
  const [x0, x1, y0, y1] = rangeOf(model) ?? [0, 1, 0, 1];
  const room = { x: 44, y: 12, width: width - 60, height: height - 48 };
  const by = Math.min(room.width / (x1 - x0), room.height / (y1 - y0));
  const [w, t] = [by * (x1 - x0), by * (y1 - y0)];
  return {
    x: room.x + (room.width - w) / 2,
    y: room.y + (room.height - t) / 2,
    width: w,
    height: t,
  };
}

function paintBoundary(
  pen: Pen,
  model: Model,
  plane: Plane,
  examples: Examples,
  width: number,
  height: number,
): void {
  pen.globalAlpha = 1;
  pen.setLineDash([]);
  pen.fillStyle = STAGE;
  pen.fillRect(0, 0, width, height);
  const range = rangeOf(model);
  if (!range) return;
  const area = areaOf(model, width, height);
  plane.picture(model)?.on(pen, area.x, area.y, area.width, area.height, true);
  const hues = huesOf(model.get("state")?.data.classes);
  paintPoints(pen, examples.points, range, area, model.get("example"), hues, 4);
  axes(pen, range, area, model.get("state")?.data.inputs ?? ["x₁", "x₂"]);
}

function axes(pen: Pen, range: Range, area: Rect, names: readonly string[]): void {
  const [x0, x1, y0, y1] = range;
  pen.fillStyle = DUST;
  pen.font = "400 12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  pen.textAlign = "center";
  const across = linear(x0, x1, area.x, area.x + area.width);
  const up = linear(y0, y1, area.y + area.height, area.y);
  const bottom = area.y + area.height;
  for (const x of ticks(x0, x1, 6)) pen.fillText(number(x, 2), across.at(x), bottom + 12);
  pen.fillText(names[0] ?? "x₁", area.x + area.width / 2, bottom + 28);
  pen.textAlign = "right";
  for (const y of ticks(y0, y1, 6)) pen.fillText(number(y, 2), area.x - 7, up.at(y));
  const [, middle] = spot(range, area, x0, (y0 + y1) / 2);
  pen.fillText(names[1] ?? "x₂", area.x - 30, middle);
}

/** The share of shown examples on the right side, by part. */
function shares(model: Model): { part: string; right: number; of: number }[] {
  const range = rangeOf(model);
  const block = model.get("frame")?.blocks["plane"];
  const points = known.get(model)?.points ?? [];
  if (!range || !block) return [];
  const [outputs, rows, columns] = block.shape;
  const [x0, x1, y0, y1] = range;
  return points.map(({ part, x, labels }) => {
    let right = 0;
    labels.forEach((label, i) => {
      const u = Math.round(((x[2 * i] - x0) / (x1 - x0)) * (columns - 1));
      const v = Math.round(((x[2 * i + 1] - y0) / (y1 - y0)) * (rows - 1));
      if (u < 0 || v < 0 || u >= columns || v >= rows) return;
      if (answerAt(block.data, v * columns + u, rows * columns, outputs).index === label) right++;
    });
    return { part, right, of: labels.length };
  });
}

export function summary(model: Model): string {
  const state = model.get("state");
  if (!state?.data.plane) return "These data have more than two features, so there is no plane.";
  const step = model.get("frame")?.step ?? state.step;
  const said = shares(model).map(
    ({ part, right, of }) =>
      `${percent(right / Math.max(1, of), of)} of ${count(of)} shown ${part} examples`,
  );
  const parts = said.length ? `: on the plane's grid the right side has ${said.join(" and ")}` : "";
  return `The decision boundary on ${state.data.name} at step ${count(step)}${parts}.`;
}

export function table(model: Model): Table {
  const columns = ["part", "index", "x₁", "x₂", "class"];
  const rows: (string | number | null)[][] = [];
  const classes = model.get("state")?.data.classes;
  for (const { part, x, labels } of known.get(model)?.points ?? [])
    labels.forEach((label, i) =>
      rows.push([part, i, x[2 * i], x[2 * i + 1], classes?.[label] ?? label]),
    );
  return { caption: "The examples shown on the plane", columns, rows };
}

export function svg(model: Model): string {
  const [width, height] = [720, 560];
  const pen = new SvgPen(width, height, summary(model));
  const examples = known.get(model) ?? new Examples(model, () => undefined);
  paintBoundary(pen, model, new Plane(), examples, width, height);
  return pen.text();
}

export default {
  render,
  title: "The decision boundary",
  blocks: ["plane"],
  summary,
  table,
  svg,
  explain: () => ({
    text:
      "Every point of the plane is given to the network. Its hue says which class is answered, " +
      "its strength how far the first answer is ahead of the second; the dark line is where they " +
      "are equal: the decision boundary.",
  }),
} satisfies View;
