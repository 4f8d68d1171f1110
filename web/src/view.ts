// What a view is. The contract is anywidget's, so that the same file serves this page,
// a notebook and an exported report: a view knows its model and its element, nothing
// of the page around it, of Preact or of sockets.

import type { Answer, Command, Earlier, Example, Frame, Hello, Place } from "./wire";
import type { Point, State } from "./wire";

export type Lens = "activation" | "weights" | "wishes" | "nudges" | "damage";
export type Scope = "neuron" | "layer" | "network";

export type Silent = readonly (readonly [number, number])[];
export interface Silence {
  part: string;
  /** Of so many examples. */
  rows: number;
  step: number;
  before: { accuracy: number | null; cost: number };
  after: { accuracy: number | null; cost: number };
}

/** Everything a view can look at, by name. */
export interface Traits {
  /** The last state that the server sent; null before the first. */
  state: State | null;
  hello: Hello | null;
  /** Points of this run's curves. */
  history: Point[];
  earlier: Earlier[];
  diagnosis: string[];
  /** The newest numbers; its buffers are only good until the next change of it. */
  frame: Frame | null;
  /** The selection: an example, and a neuron, a weight or a bias. */
  example: Example;
  place: Place | null;
  lens: Lens;
  /** What the colour scale reaches over. */
  scope: Scope;
  /** How many connections are shown at most. */
  edges: number;
  /** Neurons as perceptrons: every activation a step. */
  perceptrons: boolean;
  /** Hidden neurons that are silenced: [layer from 1, neuron from 0], in order. */
  silent: Silent;
  /** What silencing them costs; null while none is, or it is not measured yet. */
  silence: Silence | null;
  /** Slow motion: 0 the input, L the output, from L + 1 backwards; null when off. */
  stage: number | null;
  theme: "light" | "dark";
  /** No motion is wanted. */
  still: boolean;
  /** No server: what is shown is what was so last. */
  lost: boolean;
}

export interface Model {
  get<K extends keyof Traits>(name: K): Traits[K];
  set<K extends keyof Traits>(name: K, value: Traits[K]): void;
  save_changes(): void;
  on(event: `change:${keyof Traits}`, callback: () => void): void;
  off(event: `change:${keyof Traits}`, callback: () => void): void;
  /** Asks the server. Rejects with its sentence. */
  ask(command: Command): Promise<Answer>;
  /** Hands an image file over; gives its number. Rejects with a sentence. */
  upload(file: File): Promise<number>;
}

export interface Table {
  caption: string;
  columns: string[];
  /** Numbers as they are: the page writes and sorts them. */
  rows: (string | number | null)[][];
  /** Where a row leads to when it is chosen. */
  places?: (Place | null)[];
}

/** MathML lies in `formula` as text of a <math> element, numbers put in. */
export interface Explanation {
  text: string;
  formula?: string;
}

export type Wanted = "trace" | "theta" | "plane";

export interface View {
  /** Draws into el and follows the model; returns what takes it down again. */
  render(given: { model: Model; el: HTMLElement }): () => void;
  title: string;
  /** What frames must hold while the view is seen. */
  blocks: Wanted[];
  /** One sentence that is true now, for who cannot see it. */
  summary(model: Model): string;
  /** The numbers on it. */
  table(model: Model): Table | Promise<Table>;
  explain?(model: Model): Explanation | null;
  /** The picture as a whole SVG document; PNG is made of it. */
  svg?(model: Model): string;
}

/** Where on the page a view stands. */
export type Slot = "stage" | "inspect" | "draw" | "opened";

export interface Entry {
  name: string;
  /** The page that it belongs to, such as "Network". */
  page: string;
  slot: Slot;
  /** A view that is not seen at once is fetched when it is: () => import("./name"). */
  load: () => Promise<{ default: View }>;
  /** What the button that opens it says; the name where left out. */
  button?: string;
  /** Whether it has anything to say about this run; always where left out. */
  shown?(model: Model): boolean;
}
