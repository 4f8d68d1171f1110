// What the server says, word for word: docs/studio-protocol.md.

export type Recipe = Record<string, unknown> & {
  data: string;
  layers: number[];
  hidden: string | string[];
  output: string;
  initializer: string;
  cost: string | null;
  optimizer: string;
  eta: number | null;
  schedule: string | null;
  batch_size: number;
  epochs: number;
  seed: number;
  l1: number;
  l2: number;
  dropout: number;
  target: string[] | null;
};

export type Phase =
  | "ready"
  | "loading"
  | "training"
  | "paused"
  | "ended"
  | "diverged"
  | "failed";

export interface DataSet {
  name: string;
  sentence: string;
  image: [number, number] | null;
  plane: boolean;
}

export interface Hello {
  protocol: number;
  version: string;
  session: number | string;
  datasets: DataSet[];
  options: Record<
    "activations" | "outputs" | "costs" | "optimizers" | "initializers" | "schedules",
    string[]
  >;
  limits: Record<string, number>;
}

/** Where a named block lies in a binary frame; offset and sizes in numbers. */
export interface Lot {
  name: string;
  layer: number | null;
  shape: number[];
  offset: number;
}

/** A weight (from input k, counted from 0), or with null the neuron and its bias. */
export interface Place {
  layer: number;
  neuron: number;
  input: number | null;
}

export interface Edit {
  place: Place;
  value: number;
}

export interface State {
  run: number;
  /** Counts every state of the session. */
  news?: number;
  /** The run that was asked for last: another than this while it is made. */
  asked?: number;
  phase: Phase;
  message: string;
  recipe: Recipe;
  link: string;
  sizes: number[];
  activations: string[];
  cost: string;
  step: number;
  epoch: number;
  steps_per_epoch: number;
  last_step: number;
  parameters: number;
  data: {
    name: string;
    sentence: string;
    rows: { train: number; validation: number; test: number };
    image: [number, number] | null;
    plane: boolean;
    plane_range?: number[] | number[][];
    inputs: string[] | null;
    classes: string[] | null;
  };
  edits: Edit[];
  weights_sha256: string | null;
  layout_version: number;
  layout: Lot[];
}

export interface Point {
  step: number;
  epoch: number;
  /** Mean over the examples of the epoch so far. */
  cost: number | null;
  /** Mean since the point before. */
  recent: number | null;
  /** An epoch ended here. */
  complete: boolean;
  part: string | null;
  part_cost: number | null;
  accuracy: number | null;
}

export interface Earlier {
  run: number;
  sentence: string;
  /** Names, so that only what can be compared is drawn together. */
  data?: string;
  cost?: string;
  link: string;
  points: Point[];
}

export type Example = { part: string; index: number } | { drawn: true };

export type Command = { do: string } & Record<string, unknown>;

export interface Block {
  layer: number | null;
  shape: number[];
  data: Float32Array;
}

export type Answer = Record<string, unknown> & { blocks: Record<string, Block> };

export interface Frame {
  run: number;
  step: number;
  number: number;
  blocks: Record<string, Block>;
}

const MAGIC = 0x6c70;
const VERSION = 1;
const HEADER = 32;

export interface Binary {
  kind: "frame" | "answer";
  run: number;
  step: number;
  layout: number;
  number: number;
  numbers: Float32Array;
}

/** Reads the 32-byte header; the numbers are a view of the message, not a copy. */
export function decode(message: ArrayBuffer): Binary {
  const head = new DataView(message);
  if (message.byteLength < HEADER || head.getUint16(0, true) !== MAGIC)
    throw new Error("The server sent bytes that are no frame.");
  const version = head.getUint8(2);
  if (version !== VERSION)
    throw new Error(
      `The server's frames have version ${version}, and this page reads version ` +
        `${VERSION}. Load the page again.`,
    );
  const count = head.getUint32(24, true);
  if (message.byteLength !== HEADER + 4 * count)
    throw new Error("The server sent a frame of another length than it says.");
  return {
    kind: head.getUint8(3) === 1 ? "frame" : "answer",
    run: head.getUint32(4, true),
    step: Number(head.getBigUint64(8, true)),
    layout: head.getUint32(16, true),
    number: head.getUint32(20, true),
    numbers: new Float32Array(message, HEADER, count),
  };
}

/** Each block of a layout as a view of the numbers. */
export function blocks(layout: Lot[], numbers: Float32Array): Record<string, Block> {
  const found: Record<string, Block> = {};
  for (const { name, layer, shape, offset } of layout) {
    const size = shape.reduce((product, n) => product * n, 1);
    found[name] = {
      layer: layer ?? null,
      shape,
      data: numbers.subarray(offset, offset + size),
    };
  }
  return found;
}
