import { describe, expect, it } from "vitest";
import { strongest, whole } from "../edges";

/** A little generator of its own, so that every run tests the same. */
function numbers(n: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: n }, () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return (state / 2 ** 31 - 1) ** 5;
  });
}

describe("the strongest connections", () => {
  it("are those that a full sort finds", () => {
    const blocks = [whole(numbers(512, 1), 16, 32), whole(numbers(160, 2), 10, 16)];
    const all = blocks.flatMap(({ data }) => [...data].map(Math.abs)).sort((a, b) => b - a);
    for (const n of [1, 40, 160, 672]) {
      const found = strongest(blocks, n);
      expect([...found.value].map(Math.abs)).toEqual(all.slice(0, n).reverse());
    }
  });
  it("know where they lead", () => {
    const found = strongest([whole(new Float32Array([0.1, 0, -3, 0, 2, 0]), 2, 3)], 2);
    expect([...found.to]).toEqual([1, 0]);
    expect([...found.from]).toEqual([1, 2]);
    expect([...found.value]).toEqual([2, -3]);
    expect(found.largest).toBe(3);
  });
  it("count what is hidden, and leave zeros and what is no number out", () => {
    const block = whole(new Float32Array([1, 2, NaN, 4, 0, Infinity]), 2, 3);
    const found = strongest([block], 10);
    expect([found.length, found.among, found.total]).toEqual([3, 6, 6]);
  });
  it("lie between shown neurons only", () => {
    const block = {
      ...whole(numbers(60, 3), 10, 6),
      row: 2,
      shownRows: 3,
      column: 1,
      shownColumns: 4,
    };
    const found = strongest([block], 100);
    expect([found.length, found.among, found.total]).toEqual([12, 12, 60]);
    expect(Math.min(...found.to)).toBe(2);
    expect(Math.max(...found.from)).toBe(4);
  });
  it("are compared at their scale", () => {
    const block = {
      ...whole(new Float32Array([1, 10, 4, 8]), 2, 2),
      by: new Float32Array([1 / 10, 1 / 8]),
    };
    const found = strongest([block], 2);
    expect([...found.value]).toEqual([1, 1]);
  });
  it("takes none where none are wanted or there", () => {
    expect(strongest([whole(numbers(9, 4), 3, 3)], 0).length).toBe(0);
    expect(strongest([], 5).length).toBe(0);
  });
});
