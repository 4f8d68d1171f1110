/** Where everything stands on the stage: left to right, or top down where it is narrow.
 *
 * Positions depend on the sizes and the room only, never on a value: the picture is still. */

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** One layer's neurons: a column, or a row where the picture goes top down. */
export interface Rank {
  layer: number;
  size: number;
  /** Neurons first ... first + shown - 1 are on screen. */
  first: number;
  shown: number;
  /** Where the rank stands along the picture, and where its first neuron across it. */
  along: number;
  start: number;
  spacing: number;
  radius: number;
}

export interface Layout {
  width: number;
  height: number;
  down: boolean;
  /** The input as a picture or a plane; null where inputs are neurons alone. */
  picture: Rect | null;
  /** ranks[l] is layer l; ranks[0] is null where the input is a picture. */
  ranks: (Rank | null)[];
  /** Room for a bar and its number beside an output. */
  bar: number;
}

export interface Wanted {
  width: number;
  height: number;
  sizes: readonly number[];
  /** "image": a picture alone; "plane": one beside two inputs; null: inputs as neurons. */
  input: "image" | "plane" | null;
  /** A picture's height over its width. */
  aspect?: number;
  /** First neuron on screen of layers that do not fit. */
  first?: readonly number[];
  /** Neurons are thumbnails of their own boundaries. */
  thumbs?: boolean;
  /** How much larger than usual type and neurons are: 1.5 on a projector. */
  type?: number;
}

/** Below this width the picture goes top down. */
export const NARROW = 560;
const CAPTION = 44;
const OUTPUT = { spacing: 48, radius: 10.5 };
const HIDDEN = { spacing: 36, radius: 10 };
const THUMB = { spacing: 58, radius: 22 };
const CLOSEST = 13;
/** At most so many neurons of a layer: more are a texture, not a picture. */
const MOST = 34;

export function layout(wanted: Wanted): Layout {
  return wanted.width < NARROW ? downward(wanted) : across(wanted);
}

function across(wanted: Wanted): Layout {
  const { width, height, sizes, input, aspect = 1, first, thumbs, type = 1 } = wanted;
  const L = sizes.length - 1;
  const bar = (width > 760 ? 150 : 116) * type;
  const room = height - CAPTION * type - 56;
  const middle = CAPTION * type + 20 + room / 2;
  const side = input ? Math.min(width * 0.2, room * 0.45, 300 / aspect) : 0;
  const across = input === "plane" ? side * 1.25 : side;
  const picture = input
    ? { x: 24, y: middle - (across * aspect) / 2, width: across, height: across * aspect }
    : null;
  const inputs = input !== "image";
  const start = picture ? picture.x + picture.width + (inputs ? 44 : 0) : 84;
  const end = width - bar - 16;
  const ranks = sizes.map((size, layer) => {
    if (layer === 0 && !inputs) return null;
    const along = start + ((end - start) * layer) / L;
    const { spacing, radius } = look(layer, L, thumbs);
    const at = { spacing: spacing * type, radius: radius * type };
    return rank(layer, size, along, middle, room, at, first?.[layer]);
  });
  return { width, height, down: false, picture, ranks, bar };
}

function downward({ width, height, sizes, input, aspect = 1, first, thumbs }: Wanted): Layout {
  const L = sizes.length - 1;
  const bar = 54;
  const side = input ? Math.min(width * 0.42, height * 0.28, 150) : 0;
  const picture = input
    ? { x: (width - side) / 2, y: 12, width: side, height: side * aspect }
    : null;
  const inputs = input !== "image";
  const start = picture ? picture.y + picture.height + (inputs ? 26 : 0) : 34;
  const end = height - bar - 14;
  const ranks = sizes.map((size, layer) => {
    if (layer === 0 && !inputs) return null;
    const along = start + ((end - start) * layer) / L;
    const at = look(layer, L, thumbs);
    const small = { spacing: at.spacing, radius: Math.min(at.radius, thumbs ? 16 : 9) };
    return rank(layer, size, along, width / 2, width - 40, small, first?.[layer]);
  });
  return { width, height, down: true, picture, ranks, bar };
}

function look(layer: number, L: number, thumbs = false) {
  if (layer === 0) return { spacing: 40, radius: 8 };
  return layer === L ? OUTPUT : thumbs ? THUMB : HIDDEN;
}

function rank(
  layer: number,
  size: number,
  along: number,
  middle: number,
  room: number,
  most: { spacing: number; radius: number },
  wanted = 0,
): Rank {
  const closest = Math.max(CLOSEST, most.radius > 10 ? 24 : 0);
  const fit = Math.min(MOST, Math.floor(room / closest) + 1);
  // A rank in part needs a place for its dots at each end.
  const shown = size <= fit ? size : Math.max(1, fit - 2);
  const places = size <= fit ? size : fit;
  const spacing = places > 1 ? Math.min(most.spacing, room / (places - 1)) : most.spacing;
  const first = Math.max(0, Math.min(wanted, size - shown));
  const start = middle - ((shown - 1) * spacing) / 2;
  const radius = Math.min(most.radius, spacing * 0.38);
  return { layer, size, first, shown, along, start, spacing, radius };
}

/** The middle of a neuron; of one that is not on screen, the dots at that end. */
export function place(at: Layout, layer: number, neuron: number): [number, number] {
  const r = at.ranks[layer];
  if (!r) throw new RangeError(`layer ${layer} has no neurons on the stage`);
  const slot = Math.max(-1, Math.min(r.shown, neuron - r.first));
  const across = r.start + slot * r.spacing;
  return at.down ? [across, r.along] : [r.along, across];
}

export function isShown(r: Rank, neuron: number): boolean {
  return neuron >= r.first && neuron < r.first + r.shown;
}

/** The first neuron on screen so that `neuron` is among them, moved as little as needed. */
export function window(r: Rank, neuron: number): number {
  if (neuron < r.first) return neuron;
  return neuron >= r.first + r.shown ? neuron - r.shown + 1 : r.first;
}

/** Where the line from the picture to a neuron of layer 1 leaves the picture. */
export function leaves(at: Layout, neuron: number): [number, number] {
  const p = at.picture;
  const r = at.ranks[1];
  if (!p || !r) throw new RangeError("the input is no picture");
  const t = r.shown > 1 ? (neuron - r.first) / (r.shown - 1) : 0.5;
  const inset = 0.14 + 0.72 * t;
  return at.down
    ? [p.x + inset * p.width, p.y + p.height]
    : [p.x + p.width, p.y + inset * p.height];
}

/** The two control points of the curve between two places. */
export function bend(
  at: Layout,
  [x0, y0]: [number, number],
  [x1, y1]: [number, number],
): [number, number, number, number] {
  if (at.down) {
    const y = (y0 + y1) / 2;
    return [x0, y, x1, y];
  }
  const x = (x0 + x1) / 2;
  return [x, y0, x, y1];
}
