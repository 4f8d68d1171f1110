import { describe, expect, it } from "vitest";
import { bySign, NUDGE, passedBack, Reading, type Values } from "../lens";

// A network 3-2-2, counted by hand.
const values: Values = {
  a0: new Float32Array([1, 0, 2]),
  w1: new Float32Array([1, 2, 3, -1, 0, 1]),
  b1: new Float32Array([0.5, -1]),
  z1: new Float32Array([7.5, 0]),
  a1: new Float32Array([0.5, 0.25]),
  delta1: new Float32Array([0.5, -0.25]),
  w2: new Float32Array([2, 4, -1, 1]),
  b2: new Float32Array([0, 0]),
  a2: new Float32Array([0.75, 0.25]),
  delta2: new Float32Array([-0.25, 0.25]),
};
const sizes = [3, 2, 2];
const read = (lens: Parameters<Reading["read"]>[0], from = 1) =>
  new Reading().read(lens, values, sizes, from);

describe("lenses", () => {
  it("activation: a, and weight × activation", () => {
    const { neurons, edges } = read("activation");
    expect(neurons[1]).toBe(values["a1"]);
    expect([...edges[1]!]).toEqual([1, 0, 6, -1, 0, 2]);
    expect([...edges[2]!]).toEqual([1, 1, -0.5, 0.25]);
  });
  it("activation: lines from the picture are z − b", () => {
    expect([...read("activation", 2).bundles!]).toEqual([7, 1]);
    expect(read("activation", 2).edges[1]).toBeUndefined();
  });
  it("weights: the parameters themselves", () => {
    const { neurons, edges } = read("weights");
    expect(neurons[1]).toBe(values["b1"]);
    expect(edges[2]).toBe(values["w2"]);
    expect([...read("weights", 2).bundles!]).toEqual([6, 0]);
  });
  it("wishes: −wᵀδ of the layer after, and −δ a", () => {
    const { neurons, edges } = read("wishes");
    expect([...neurons[1]!]).toEqual([0.75, 0.75]);
    expect([...neurons[2]!]).toEqual([0.25, -0.25]);
    expect([...edges[2]!]).toEqual([0.125, 0.0625, -0.125, -0.0625]);
    expect([...read("wishes", 2).bundles!]).toEqual([-1.5, 0.75]);
  });
  it("nudges: what a fixed nudge is predicted to do", () => {
    const { neurons, edges } = read("nudges");
    expect(neurons[1]![0]).toBeCloseTo(NUDGE * 0.5, 6);
    expect(edges[2]![0]).toBeCloseTo(NUDGE * -0.25 * 0.5, 6);
  });
  it("damage: what was measured, and only the chosen neuron's connections", () => {
    const cut = { layer: 2, neuron: 1, lost: new Float32Array([0.1, 0.2]) };
    const damage = { damage1: new Float32Array([0.01, 0.02]) };
    const { neurons, edges } = new Reading().read("damage", values, sizes, 1, {
      damage,
      cut,
    });
    expect(neurons[1]).toBe(damage.damage1);
    expect([...edges[2]!].map((v) => Math.round(v * 10) / 10)).toEqual([0, 0, 0.1, 0.2]);
    expect(edges[1]).toBeUndefined();
  });
  it("says nothing of what the frame does not hold", () => {
    const { neurons, edges, bundles } = new Reading().read(
      "wishes",
      { a0: values["a0"] },
      sizes,
      2,
    );
    expect([neurons[1], edges[2], bundles]).toEqual([undefined, undefined, undefined]);
    expect(passedBack(undefined, values["delta2"], new Float32Array(2))).toBeUndefined();
  });
  it("shows by sign what may be negative", () => {
    expect(bySign("activation", "sigmoid")).toBe(false);
    expect(bySign("activation", "tanh")).toBe(true);
    expect(bySign("weights", "sigmoid")).toBe(true);
    expect(bySign("damage", "tanh")).toBe(false);
  });
});
