import { describe, expect, it } from "vitest";
import { edgeAt, neuronAt, pixelAt, walk } from "../hit";
import { isShown, layout, leaves, place, window, type Wanted } from "../layout";
import { strongest, whole } from "../edges";

const wide: Wanted = { width: 866, height: 600, sizes: [784, 16, 16, 10], input: "image" };
const tall: Wanted = { ...wide, width: 390, height: 420 };
const everything: Wanted[] = [
  wide,
  tall,
  { ...wide, sizes: [784, 128, 10] },
  { ...tall, sizes: [784, 128, 64, 10] },
  { ...wide, sizes: [2, 6, 6, 2], input: "plane", thumbs: true },
  { ...tall, sizes: [2, 6, 6, 1], input: "plane", thumbs: true },
  { ...wide, width: 1440, height: 560, type: 1.5 },
  { ...wide, sizes: [13, 30, 1], input: null },
  { ...wide, sizes: [300, 1000, 1000, 100], input: null },
];

describe("the layout", () => {
  it("keeps every neuron on the stage, apart from its neighbours", () => {
    for (const wanted of everything) {
      const at = layout(wanted);
      for (const r of at.ranks) {
        if (!r) continue;
        for (let j = r.first; j < r.first + r.shown; j++) {
          const [x, y] = place(at, r.layer, j);
          expect(x - r.radius).toBeGreaterThanOrEqual(0);
          expect(x + r.radius).toBeLessThanOrEqual(wanted.width);
          expect(y - r.radius).toBeGreaterThanOrEqual(0);
          expect(y + r.radius).toBeLessThanOrEqual(wanted.height);
        }
        if (r.shown > 1) expect(r.spacing).toBeGreaterThan(2 * r.radius);
      }
    }
  });
  it("turns top down where it is narrow", () => {
    expect(layout(wide).down).toBe(false);
    expect(layout(tall).down).toBe(true);
  });
  it("shows large layers in part, around the neuron that is wanted", () => {
    const at = layout({ ...wide, sizes: [784, 128, 10], first: [0, 90] });
    const r = at.ranks[1]!;
    expect(r.shown).toBeLessThan(128);
    expect(r.first).toBe(90);
    expect(isShown(r, 95)).toBe(true);
    expect(window(r, 3)).toBe(3);
    expect(window(r, 95)).toBe(90);
    expect(window(r, 127)).toBe(127 - r.shown + 1);
  });
  it("leaves the picture along its edge, in the neurons' order", () => {
    const at = layout(wide);
    const ys = [0, 5, 15].map((j) => leaves(at, j)[1]);
    expect(ys).toEqual([...ys].sort((a, b) => a - b));
  });
});

describe("what lies under a pointer", () => {
  it("is the neuron that is drawn there", () => {
    for (const wanted of everything) {
      const at = layout(wanted);
      for (const r of at.ranks) {
        if (!r) continue;
        const j = r.first + r.shown - 1;
        const [x, y] = place(at, r.layer, j);
        expect(neuronAt(at, x + 1, y - 1)).toEqual({
          layer: r.layer,
          neuron: j,
          input: null,
        });
      }
    }
    expect(neuronAt(layout(wide), 500, 5)).toBeNull();
  });
  it("is the connection that passes there", () => {
    const at = layout(wide);
    const data = new Float32Array(256);
    data[3 * 16 + 11] = 1;
    const edges = strongest([whole(data, 16, 16)], 5);
    const [a, b] = [place(at, 1, 11), place(at, 2, 3)];
    const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    expect(edgeAt(at, edges, [2], middle[0], middle[1])).toEqual({
      layer: 2,
      neuron: 3,
      input: 11,
    });
    expect(edgeAt(at, edges, [2], middle[0], middle[1] + 40)).toBeNull();
  });
  it("is the pixel of the picture", () => {
    const at = layout(wide);
    const p = at.picture!;
    expect(pixelAt(at, [28, 28], p.x + p.width * 0.5, p.y + 1)).toBe(14);
    expect(pixelAt(at, [28, 28], p.x - 3, p.y)).toBeNull();
  });
});

describe("walking with arrow keys", () => {
  const sizes = [784, 16, 16, 10];
  it("stays within the network", () => {
    const first = walk(sizes, null, "ArrowRight", false);
    expect(first).toEqual({ layer: 1, neuron: 0, input: null });
    expect(walk(sizes, first, "ArrowLeft", false)).toEqual(first);
    expect(walk(sizes, first, "ArrowUp", false)).toEqual(first);
    expect(walk(sizes, { layer: 3, neuron: 9, input: null }, "ArrowDown", false).neuron).toBe(9);
  });
  it("goes to the neuron beside it in the next layer", () => {
    expect(walk(sizes, { layer: 2, neuron: 15, input: null }, "ArrowRight", false)).toEqual({
      layer: 3,
      neuron: 9,
      input: null,
    });
  });
  it("turns with the picture", () => {
    const at = { layer: 1, neuron: 4, input: null };
    expect(walk(sizes, at, "ArrowDown", true).layer).toBe(2);
    expect(walk(sizes, at, "ArrowRight", true).neuron).toBe(5);
  });
});
