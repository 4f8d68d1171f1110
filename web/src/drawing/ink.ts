/** Drawn ink: where it is, how it slides from one picture to the next, and as bytes. */

export interface Sheet {
  rows: number;
  columns: number;
  data: ArrayLike<number>;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What is fainter than this share of the darkest may be an edge or paper. */
const FAINT = 0.2;

/** The smallest box around the ink, in pixels; null where there is none. */
export function inkBox({ rows, columns, data }: Sheet): Box | null {
  let most = 0;
  for (let i = 0; i < rows * columns; i++) most = Math.max(most, data[i]);
  let [left, top, right, bottom] = [columns, rows, -1, -1];
  for (let i = 0; i < rows * columns; i++) {
    if (!(data[i] > FAINT * most)) continue;
    const [row, column] = [Math.floor(i / columns), i % columns];
    left = Math.min(left, column);
    right = Math.max(right, column);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row);
  }
  if (right < 0) return null;
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** Where a sheet lies in a square of `side`, as large as it fits. */
export function contained({ rows, columns }: Sheet, side: number): Box {
  const by = side / Math.max(rows, columns);
  const [width, height] = [columns * by, rows * by];
  return { x: (side - width) / 2, y: (side - height) / 2, width, height };
}

/** Where one sheet is drawn at t in 0..1, so that its ink slides onto the next one's. */
export function slide(from: Sheet, to: Sheet, t: number, side: number): Box {
  const [a, b] = [inkBox(from), inkBox(to)];
  const start = contained(from, side);
  if (!a || !b) return start;
  const end = contained(to, side);
  const [inA, inB] = [within(a, start, from), within(b, end, to)];
  const at: Box = {
    x: inA.x + (inB.x - inA.x) * t,
    y: inA.y + (inB.y - inA.y) * t,
    width: inA.width + (inB.width - inA.width) * t,
    height: inA.height + (inB.height - inA.height) * t,
  };
  const [wide, high] = [at.width / inA.width, at.height / inA.height];
  return {
    x: at.x - (inA.x - start.x) * wide,
    y: at.y - (inA.y - start.y) * high,
    width: start.width * wide,
    height: start.height * high,
  };
}

/** A box of a sheet's pixels, where the sheet lies at `at`. */
function within(box: Box, at: Box, { rows, columns }: Sheet): Box {
  const [wide, high] = [at.width / columns, at.height / rows];
  return {
    x: at.x + box.x * wide,
    y: at.y + box.y * high,
    width: box.width * wide,
    height: box.height * high,
  };
}

/** Bytes as base64, in pieces that no call's arguments overflow. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192)
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

/** Grey levels of RGBA pixels, as the eye weighs them (ITU-R BT.601). */
export function grey(rgba: Uint8ClampedArray): Uint8Array {
  const out = new Uint8Array(rgba.length / 4);
  for (let i = 0; i < out.length; i++)
    out[i] = Math.round(0.299 * rgba[4 * i] + 0.587 * rgba[4 * i + 1] + 0.114 * rgba[4 * i + 2]);
  return out;
}
