import { expect, test } from "vitest";
import { isSilent, toggled } from "./silencer";

test("a neuron is silenced and speaks again, and the order is that of the picture", () => {
  const one = toggled([], 2, 0);
  const two = toggled(one, 1, 10);
  const three = toggled(two, 1, 9);
  expect(three).toEqual([[1, 9], [1, 10], [2, 0]]);
  expect(isSilent(three, 1, 10)).toBe(true);
  expect(isSilent(three, 1, 0)).toBe(false);
  expect(toggled(three, 1, 10)).toEqual([[1, 9], [2, 0]]);
});
