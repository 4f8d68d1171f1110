import { expect, test } from "vitest";
import { AT_FIRST, join, readLooks, split, writeLooks } from "./address";
import type { Looks } from "./address";

const LOOKS: Looks = {
  lens: "nudges",
  scope: "network",
  edges: 40,
  example: { part: "train", index: 12 },
  place: { layer: 2, neuron: 0, input: 7 },
  perceptrons: true,
  silent: [
    [1, 2],
    [2, 0],
  ],
};

test("looks are read as they were written", () => {
  expect(readLooks(writeLooks(LOOKS))).toEqual(LOOKS);
  const bias = { ...LOOKS, place: { layer: 1, neuron: 3, input: null } };
  expect(readLooks(writeLooks(bias))).toEqual(bias);
});

test("the first looks need no words", () => {
  expect(writeLooks(AT_FIRST)).toBe("");
  expect(join("recipe=3b1b", AT_FIRST)).toBe("recipe=3b1b");
});

test("a run of the defaults still is an address", () => {
  expect(split(`#${join("", AT_FIRST)}`).link).toBe("step=0");
});

test("link and looks part at the tilde", () => {
  const { link, looks } = split(`#recipe=3b1b&step=5~${writeLooks(LOOKS)}`);
  expect(link).toBe("recipe=3b1b&step=5");
  expect(looks).toEqual(LOOKS);
});

test.each([
  ["place=0.1.bias"],
  ["place=1.x.2"],
  ["place=1.2"],
  ["place=1.2.3e9999"],
  ["example=elsewhere.1"],
  ["example=test.-1"],
  ["silent=0.1,x,1.-2,1"],
  ["lens=none&scope=all&edges=many"],
  ["%%%=&&~~"],
])("nonsense %s is left out", (text) => {
  expect(readLooks(text)).toEqual(AT_FIRST);
});
