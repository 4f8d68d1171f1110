import { describe, expect, it } from "vitest";
import {
  contrast,
  CHALK,
  DUST,
  light,
  LIGHT,
  NEGATIVE,
  POSITIVE,
  rgb,
  signed,
  STAGE,
} from "../colour";
import {
  count,
  fixed,
  list,
  number,
  parse,
  percent,
  plural,
  probability,
  signedNumber,
} from "../format";
import { full, linear, ticks } from "../scale";

describe("numbers in words", () => {
  it("keeps significant digits, with a true minus", () => {
    expect(number(-1.98765)).toBe("−1.99");
    expect(number(0.000694)).toBe("0.000694");
    expect(number(12345.6)).toBe("12,346");
    expect(number(0)).toBe("0");
    expect(number(NaN)).toBe("not a number");
    expect(number(2.5e-9)).toBe("2.50·10⁻⁹");
  });
  it("writes signs, and no minus zero", () => {
    expect(signedNumber(3.87)).toBe("+3.87");
    expect(fixed(-0.001, 2)).toBe("0.00");
  });
  it("never rounds a probability to what it is not", () => {
    expect(probability(0.9997)).toBe(">0.999");
    expect(probability(0.0001)).toBe("<0.001");
    expect(probability(1)).toBe("1.000");
    expect(probability(0)).toBe("0.000");
  });
  it("gives per cent the decimals that the rows can tell apart", () => {
    expect(percent(0.9419, 10_000)).toBe("94.19 %");
    expect(percent(0.5, 20)).toBe("50 %");
  });
  it("counts and lists", () => {
    expect(count(13002)).toBe("13,002");
    expect(plural(1, "neuron")).toBe("1 neuron");
    expect(list(["5", "0", "7"])).toBe("5, 0 and 7");
  });
  it("reads what it writes, and refuses the rest", () => {
    for (const x of [3.87, -1.5, 0.25, -0.001]) expect(parse(number(x, 4))).toBe(x);
    expect(parse("1,5")).toBe(1.5);
    expect(parse("1e-3")).toBe(0.001);
    for (const text of ["", "abc", "1.2.3", "1;2", "--1"]) expect(parse(text)).toBeNaN();
  });
});

describe("colours", () => {
  it("shows zero as the stage, and what is no number too", () => {
    const stage = `rgb(${rgb(STAGE).join(" ")})`;
    for (const t of [0, NaN]) {
      expect(light(t)).toBe(stage);
      expect(signed(t)).toBe(stage);
    }
  });
  it("ends at its colours, and goes no further", () => {
    expect(light(7)).toBe(`rgb(${rgb(LIGHT).join(" ")})`);
    expect(signed(-2)).toBe(`rgb(${rgb(NEGATIVE).join(" ")})`);
    expect(signed(2)).toBe(`rgb(${rgb(POSITIVE).join(" ")})`);
  });
  it("can be read on the stage", () => {
    for (const text of [CHALK, DUST, POSITIVE, NEGATIVE])
      expect(contrast(text, STAGE)).toBeGreaterThan(5.7);
  });
});

describe("scales", () => {
  const layers = [undefined, new Float32Array([1, -4, 2, 3]), new Float32Array([8, 1])];
  it("reach over a neuron, a layer or the network", () => {
    expect(full(layers, 1, 1, 2, "neuron")).toBe(3);
    expect(full(layers, 1, 1, 2, "layer")).toBe(4);
    expect(full(layers, 1, 1, 2, "network")).toBe(8);
  });
  it("has ticks at round numbers within the range", () => {
    expect(ticks(0, 12, 6)).toEqual([0, 2, 4, 6, 8, 10, 12]);
    expect(ticks(-0.3, 0.21, 5).every((t) => t >= -0.3 && t <= 0.21)).toBe(true);
    expect(ticks(3, 3, 5)).toEqual([3]);
  });
  it("goes there and back", () => {
    const line = linear(-5, 5, 0, 1000);
    expect(line.back(line.at(1.25))).toBeCloseTo(1.25, 12);
  });
});
