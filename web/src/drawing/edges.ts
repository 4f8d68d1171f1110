/** The strongest connections of a network, and how many stay hidden. */

/** One layer's values: `data[j * columns + k]` belongs to the connection to j from k. */
export interface Block {
  data: Float32Array;
  rows: number;
  columns: number;
  /** The part on screen: rows [row, row + shownRows) of columns [column, ...). */
  row: number;
  shownRows: number;
  column: number;
  shownColumns: number;
  /** What each row is multiplied with before it is compared and given back: its scale. */
  by?: Float32Array;
}

/** A block that is shown whole. */
export function whole(data: Float32Array, rows: number, columns: number): Block {
  return { data, rows, columns, row: 0, shownRows: rows, column: 0, shownColumns: columns };
}

export interface Strongest {
  /** How many; the arrays below may be longer. */
  length: number;
  /** Index of the block, then of the neurons, and the value times its row's scale; weakest
   * first, to draw so. */
  block: Uint8Array;
  to: Uint32Array;
  from: Uint32Array;
  value: Float32Array;
  /** How many lie between shown neurons, and how many there are in all. */
  among: number;
  total: number;
  /** The largest |value| among them. */
  largest: number;
}

const BITS = 20;
const BINS = 1 << (31 - BITS);
const bins = new Uint32Array(BINS);
const bitsOf = new Uint32Array(1);
const floatOf = new Float32Array(bitsOf.buffer);

/** A positive float32's bits grow with it, so its upper bits are its bin: 8 a power of two. */
function bin(size: number): number {
  floatOf[0] = size;
  return bitsOf[0] >>> BITS;
}

function each(blocks: readonly Block[], f: (value: number, b: number, i: number) => void): void {
  for (let b = 0; b < blocks.length; b++) {
    const { data, columns, row, shownRows, column, shownColumns, by } = blocks[b];
    for (let j = row; j < row + shownRows; j++) {
      const start = j * columns + column;
      const scale = by ? by[j] : 1;
      for (let i = start; i < start + shownColumns; i++) f(data[i] * scale, b, i);
    }
  }
}

/** The `n` largest by absolute value: a histogram of the exponents finds the threshold, so
 * that only the few above it are ever sorted. Zeros and what is not a number are left out. */
export function strongest(blocks: readonly Block[], n: number): Strongest {
  bins.fill(0);
  let among = 0;
  each(blocks, (value) => {
    const size = Math.abs(value);
    if (size > 0 && size < Infinity) bins[bin(size)]++;
    among++;
  });
  let lowest = BINS - 1;
  let above = bins[lowest];
  while (lowest > 0 && above < n) above += bins[--lowest];
  const found: Found[] = [];
  each(blocks, (value, b, i) => {
    const size = Math.abs(value);
    if (size > 0 && size < Infinity && bin(size) >= lowest) found.push({ size, value, b, i });
  });
  found.sort((one, other) => other.size - one.size);
  return take(blocks, found.slice(0, Math.max(0, n)), among);
}

interface Found {
  size: number;
  value: number;
  b: number;
  i: number;
}

function take(blocks: readonly Block[], found: readonly Found[], among: number): Strongest {
  const length = found.length;
  const out: Strongest = {
    length,
    block: new Uint8Array(length),
    to: new Uint32Array(length),
    from: new Uint32Array(length),
    value: new Float32Array(length),
    among,
    total: blocks.reduce((sum, { rows, columns }) => sum + rows * columns, 0),
    largest: length ? found[0].size : 0,
  };
  found.forEach(({ value, b, i }, at) => {
    const place = length - 1 - at;
    const { columns } = blocks[b];
    out.block[place] = b;
    out.to[place] = Math.floor(i / columns);
    out.from[place] = i % columns;
    out.value[place] = value;
  });
  return out;
}
