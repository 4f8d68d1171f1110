/** From what the model holds to what the stage shows: the one place where both meet. */

import type { Model } from "../view";
import type { Frame, State } from "../wire";
import { strongest, whole, type Block, type Strongest } from "./edges";
import { count, plural } from "./format";
import type { Hit } from "./hit";
import { layout, type Layout } from "./layout";
import {
  bySign,
  fanOf,
  isUnit,
  lensOf,
  Reading,
  type LensName,
  type Measured,
  type Values,
} from "./lens";
import type { Scene } from "./paint";
import { Picture, shapeOf } from "./picture";
import { Examples, huesOf, paintPoints, Plane, rangeOf } from "./plane";
import type { Pen } from "./pen";
import { largest, type Scope } from "./scale";
import { silentOf } from "../silencer";

/** So many of a chosen neuron's connections come one by one from the picture's pixels. */
const FAN = 60;
const NONE: Strongest = strongest([], 0);

/** The arrays of a frame by name; none of another network's. */
export function valuesOf(frame: Frame | null, state: State | null): Values {
  if (!frame || !state || frame.run !== state.run) return {};
  const out: Record<string, Float32Array> = {};
  for (const [name, block] of Object.entries(frame.blocks)) out[name] = block.data;
  return out;
}

/** The class that is right, where the target has one. */
export function rightClass(y: Float32Array | undefined, classes: string[] | null): number | null {
  if (!y || !classes) return null;
  if (y.length === 1) return classes.length === 2 ? 0 : null;
  let index = 0;
  for (let j = 1; j < y.length; j++) if (y[j] > y[index]) index = j;
  return y[index] > 0 ? index : null;
}

/** Names of the outputs: one output that tells two classes apart bears the second's. */
export function outputNames(state: State): string[] | null {
  const { classes } = state.data;
  const n = state.sizes[state.sizes.length - 1];
  if (!classes) return null;
  if (n === 1 && classes.length === 2) return [classes[1]];
  return classes.length === n ? classes : null;
}

/** The chosen example, such as "test example 3". */
export function exampleName(model: Model): string {
  const example = model.get("example");
  return "drawn" in example
    ? "your drawing"
    : `${example.part} example ${count(example.index)}`;
}

export function inputCaption(state: State, model: Model): string {
  const name = exampleName(model);
  const n = state.sizes[0];
  if (state.data.plane) return `${state.data.name}\n${name}`;
  return `${plural(n, state.data.image ? "pixel" : "input")}\n${name}`;
}

export interface Legend {
  neurons: string;
  connections: string;
  hidden: string;
  rest: string;
}

/** Keeps its arrays and pictures from one frame to the next. */
export class Stage {
  readonly reading = new Reading();
  private readonly ink = new Picture(1, 1);
  private readonly plane = new Plane();
  /** The examples on the plane; who draws the stage gives them. */
  examples: Examples | null = null;
  private readonly by = new Map<string, Float32Array>();
  readonly first: number[] = [];
  at: Layout | null = null;
  edges: Strongest = NONE;
  layers: number[] = [];
  /** The chosen neuron's connections from the picture, pixel by pixel. */
  fan: { neuron: number; edges: Strongest } | null = null;
  lens: LensName = "activation";
  /** What the frame held. */
  has = { values: false, weights: false, errors: false };

  /** The scene at this moment, for a stage of this size. */
  scene(
    model: Model,
    width: number,
    height: number,
    hovered: Hit | null,
    measured: Measured,
  ): Scene | null {
    const state = model.get("state");
    if (!state || state.sizes.length < 2) return null;
    const values = valuesOf(model.get("frame"), state);
    const { lens, lit } = this.tempo(model, state);
    this.lens = lens;
    this.has = {
      values: values.a0 !== undefined || values.w1 !== undefined,
      weights: values.w1 !== undefined,
      errors: values.delta1 !== undefined,
    };
    const image = shapeOf(state.data.image, state.sizes[0]);
    const at = this.place(model, state, width, height, image);
    const edgesFrom = at.ranks[0] ? 1 : 2;
    const reading = this.reading.read(lens, values, state.sizes, edgesFrom, measured);
    this.connect(at, state, reading, model.get("scope"), model.get("edges"));
    this.fan = image ? this.fanned(model, values, state, measured) : null;
    return {
      at,
      sizes: state.sizes,
      activations: state.activations,
      neurons: this.scaled(state, reading, values, model),
      signs: [false, ...state.activations.map((name) => bySign(lens, name))],
      silent: silentOf(model),
      edges: this.edges,
      layers: this.layers,
      fan: this.fan,
      bundles: this.bundles(reading, model.get("scope")),
      picture: this.input(state, model, values, image),
      caption: inputCaption(state, model),
      thumbs: state.data.plane && lens === "activation" ? this.plane.thumbnails(model) : null,
      outputs: values[`a${state.sizes.length - 1}`],
      unit: isUnit(state.activations[state.activations.length - 1]),
      classes: outputNames(state),
      inputs: state.data.inputs,
      right: rightClass(values.y, state.data.classes),
      selected: model.get("place"),
      hovered,
      lit,
      type: typeScale(),
      points: state.data.plane ? (pen) => this.points(pen, model) : null,
    };
  }

  private fanned(model: Model, values: Values, state: State, measured: Measured) {
    const place = model.get("place");
    if (place?.layer !== 1 || !model.get("edges")) return null;
    const [n, j] = [state.sizes[0], place.neuron];
    const data = fanOf(this.lens, values, n, j, measured);
    if (!data) return null;
    const block = whole(data, 1, n);
    const most = largest(data);
    block.by = new Float32Array([most > 0 ? 1 / most : 0]);
    return { neuron: j, edges: strongest([block], FAN) };
  }

  private points(pen: Pen, model: Model): void {
    const [range, box] = [rangeOf(model), this.at?.picture];
    if (range && box && this.examples)
      paintPoints(
        pen,
        this.examples.points,
        range,
        box,
        model.get("example"),
        huesOf(model.get("state")?.data.classes),
        2.6,
      );
  }

  /** Slow motion: forward it lights layer after layer, backwards it is the Wishes lens. */
  private tempo(model: Model, state: State): { lens: LensName; lit: number | null } {
    const [stage, L] = [model.get("stage"), state.sizes.length - 1];
    const lens = model.get("lens");
    if (stage === null) return { lens, lit: null };
    if (stage <= L + 1) return { lens: "activation", lit: Math.min(stage, L) };
    return { lens: "wishes", lit: null };
  }

  private place(
    model: Model,
    state: State,
    width: number,
    height: number,
    image: readonly [number, number] | null,
  ): Layout {
    const input = state.data.plane ? "plane" : image ? "image" : null;
    const range = state.data.plane ? rangeOf(model) : null;
    const wide = range ? (range[3] - range[2]) / (range[1] - range[0]) : 1;
    const aspect = image ? image[0] / image[1] : Math.max(0.6, Math.min(1.4, wide));
    const wanted = {
      width,
      height,
      sizes: state.sizes,
      input,
      aspect,
      first: this.first,
      thumbs: state.data.plane,
      type: typeScale(),
    } as const;
    this.at = layout(wanted);
    return this.at;
  }

  /** The strongest connections between what is on screen, at the scale in force. */
  private connect(at: Layout, state: State, reading: Reading, scope: Scope, n: number): void {
    const blocks: Block[] = [];
    this.layers = [];
    for (let l = 1; l < state.sizes.length; l++) {
      const data = reading.edges[l];
      const [from, to] = [at.ranks[l - 1], at.ranks[l]];
      if (!data || !from || !to) continue;
      const block = whole(data, to.size, from.size);
      block.row = to.first;
      block.shownRows = to.shown;
      block.column = from.first;
      block.shownColumns = from.shown;
      this.layers.push(l);
      blocks.push(block);
    }
    this.weigh(blocks, scope);
    this.edges = strongest(blocks, n);
  }

  private weigh(blocks: Block[], scope: Scope): void {
    const tops = blocks.map(({ data, row, shownRows, columns }) =>
      largest(data, row * columns, (row + shownRows) * columns),
    );
    const top = Math.max(0, ...tops);
    blocks.forEach((block, b) => {
      const by = this.room(`by${b}`, block.rows);
      for (let j = block.row; j < block.row + block.shownRows; j++) {
        const most =
          scope === "network"
            ? top
            : scope === "layer"
              ? tops[b]
              : largest(block.data, j * block.columns, (j + 1) * block.columns);
        by[j] = most > 0 ? 1 / most : 0;
      }
      block.by = by;
    });
  }

  private room(name: string, length: number): Float32Array {
    const old = this.by.get(name);
    if (old && old.length >= length) return old;
    const fresh = new Float32Array(length);
    this.by.set(name, fresh);
    return fresh;
  }

  private bundles(reading: Reading, scope: Scope): Float32Array | undefined {
    const sums = reading.bundles;
    if (!sums) return undefined;
    const out = this.room("bundles", sums.length);
    const most = largest(sums);
    for (let j = 0; j < sums.length; j++) {
      const by = scope === "neuron" ? Math.abs(sums[j]) : most;
      out[j] = by > 0 ? sums[j] / by : 0;
    }
    return out;
  }

  /** Neurons at their scale: what lies in 0..1 by nature is shown as it is. */
  private scaled(
    state: State,
    reading: Reading,
    values: Values,
    model: Model,
  ): (Float32Array | undefined)[] {
    const all = model.get("scope") === "network";
    const free = (l: number) => this.lens !== "activation" || !isUnit(state.activations[l - 1]);
    const tops = reading.neurons.map((data, l) => (data && free(l) ? largest(data) : 0));
    const top = Math.max(0, ...tops);
    const out: (Float32Array | undefined)[] = [this.inputNeurons(state, values)];
    for (let l = 1; l < state.sizes.length; l++) {
      const data = reading.neurons[l];
      const most = all ? top : tops[l];
      if (!data || !free(l)) out[l] = data;
      else {
        const room = this.room(`n${l}`, data.length);
        for (let j = 0; j < data.length; j++) room[j] = most > 0 ? data[j] / most : 0;
        out[l] = room;
      }
    }
    return out;
  }

  private inputNeurons(state: State, values: Values): Float32Array | undefined {
    const a = values.a0;
    if (!a || !this.at?.ranks[0]) return undefined;
    const room = this.room("n0", state.sizes[0]);
    const most = largest(a);
    for (let k = 0; k < a.length; k++) room[k] = most > 0 ? a[k] / most : 0;
    return room;
  }

  private input(
    state: State,
    model: Model,
    values: Values,
    image: readonly [number, number] | null,
  ): Picture | null {
    if (state.data.plane) return this.plane.picture(model);
    if (!image || !values.a0) return null;
    this.ink.resize(image[0], image[1]);
    return this.ink.ink(values.a0, Math.max(1, largest(values.a0)));
  }

  /** The legend: what is drawn, and how much of it is not. */
  legend(model: Model): Legend {
    const lens = lensOf(this.lens);
    const { length, among, total } = this.edges;
    const partly = total > among ? ` of ${count(total)}` : "";
    const hidden = !total
      ? ""
      : length < among || partly
        ? `strongest ${count(length)} of ${count(among)}${partly ? " between these neurons," : ""}${partly} shown`
        : `all ${count(length)} shown`;
    const inputs = model.get("state")?.sizes[0] ?? 0;
    const sums = this.reading.bundles
      ? `from the picture, the sum over ${plural(inputs, "pixel")}`
      : "";
    const fan = this.fan
      ? `into the chosen neuron the strongest ${this.fan.edges.length} of ${count(inputs)}`
      : "";
    const rest = [sums, fan].filter(Boolean).join(", ");
    return { neurons: lens.neurons, connections: lens.connections, hidden, rest };
  }
}

/** Type on the stage grows with the page's: projector mode is 1.5. */
function typeScale(): number {
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return size > 0 ? size / 16 : 1;
}
