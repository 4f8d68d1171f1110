import { describe, expect, it } from "vitest";
import { base64, contained, grey, inkBox, slide } from "../ink";
import { Pages, pagesOf, visible } from "../pages";
import { SvgPen } from "../pen";
import { answerAt, exampleAt, HUES, huesOf, spot } from "../plane";
import { curveOf } from "../activation";

describe("the plane", () => {
  it("answers the largest output, as surely as it is ahead", () => {
    const plane = new Float32Array([0.2, 0.5, 0.75, 0.25, 0.05, 0.25]); // 3 outputs, 2 points
    expect(answerAt(plane, 0, 2, 3).index).toBe(1);
    expect(answerAt(plane, 0, 2, 3).sure).toBeCloseTo(0.55, 6);
    expect(answerAt(plane, 1, 2, 3)).toEqual({ index: 0, sure: 0.25 });
    expect(answerAt(new Float32Array([0.25]), 0, 1, 1)).toEqual({ index: 0, sure: 0.5 });
  });
  it("goes up as x2 does, and finds examples again", () => {
    const box = { x: 10, y: 20, width: 100, height: 50 };
    expect(spot([0, 1, 0, 1], box, 0, 0)).toEqual([10, 70]);
    expect(spot([0, 1, 0, 1], box, 1, 1)).toEqual([110, 20]);
    const points = [{ part: "train", x: new Float32Array([0, 0, 0.5, 0.5]), labels: [0, 1] }];
    expect(exampleAt(points, [0, 1, 0, 1], box, 61, 46)).toEqual({
      part: "train",
      index: 1,
    });
    expect(exampleAt(points, [0, 1, 0, 1], box, 90, 30)).toBeNull();
  });
});

describe("classes", () => {
  it("that bear a colour's name have that colour", () => {
    expect(huesOf(["blue", "orange"]).slice(0, 2)).toEqual([HUES[1], HUES[0]]);
    expect(huesOf(["0", "1"]).slice(0, 2)).toEqual([HUES[0], HUES[1]]);
    expect(huesOf(null)).toEqual(HUES);
  });
});

describe("ink", () => {
  const from = {
    rows: 4,
    columns: 4,
    data: [0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0],
  };
  const to = { rows: 2, columns: 2, data: [1, 1, 1, 1] };
  it("has a box, or none", () => {
    expect(inkBox(from)).toEqual({ x: 1, y: 1, width: 2, height: 2 });
    expect(inkBox({ rows: 1, columns: 2, data: [0, 0] })).toBeNull();
  });
  it("slides from where it is to where it goes", () => {
    expect(slide(from, to, 0, 100)).toEqual(contained(from, 100));
    const end = slide(from, to, 1, 100);
    expect(end).toEqual({ x: -50, y: -50, width: 200, height: 200 });
  });
  it("becomes bytes and base64", () => {
    expect([...grey(new Uint8ClampedArray([255, 255, 255, 255, 0, 0, 0, 255]))]).toEqual([255, 0]);
    expect(base64(new Uint8Array([1, 2, 3]))).toBe("AQID");
    expect(atob(base64(new Uint8Array(20_000))).length).toBe(20_000);
  });
});

describe("long tables", () => {
  it("ask for the pages in view, once", () => {
    expect(visible(2600, 260, 26, 13002)).toEqual({ first: 96, last: 114 });
    expect(pagesOf(96, 114)).toEqual([0, 1]);
    const pages = new Pages<number>(2);
    pages.of("a");
    expect(pages.missing([0, 1])).toEqual([0, 1]);
    expect(pages.missing([0, 1])).toEqual([]);
    pages.put(
      1,
      Array.from({ length: 100 }, (_, i) => i),
    );
    expect(pages.row(114)).toBe(14);
    pages.of("b");
    expect(pages.row(114)).toBeUndefined();
  });
  it("drop the oldest page", () => {
    const pages = new Pages<number>(2);
    for (const p of [0, 1, 2]) pages.put(p, [p]);
    expect([pages.row(0), pages.row(200)]).toEqual([undefined, 2]);
  });
});

describe("the SVG pen", () => {
  it("writes what it is told, and no markup out of names", () => {
    const pen = new SvgPen(100, 50, "a <b>");
    pen.font = "700 14px system-ui";
    pen.fillText('"<script>', 1, 2);
    pen.setLineDash([5, 3]);
    pen.beginPath();
    pen.moveTo(0, 0);
    pen.lineTo(3, 4.567);
    pen.stroke();
    const text = pen.text();
    expect(text).not.toContain("<script>");
    expect(text).toContain('stroke-dasharray="5 3"');
    expect(text).toContain("M0 0L3 4.57");
    expect(text).toContain('font-weight="700"');
  });
});

describe("activation curves", () => {
  it("are the library's, at points counted by hand", () => {
    const points: [string, number, number][] = [
      ["sigmoid", 0, 0.5],
      ["tanh", 1, 0.761594],
      ["relu", -1, 0],
      ["leaky_relu", -2, -0.02],
      ["elu", -1, -0.632121],
      ["softplus", 0, 0.693147],
      ["gelu", 1, 0.841345],
      ["silu", 1, 0.731059],
      ["mish", 1, 0.865098],
      ["step", 0, 0],
      ["identity", 3, 3],
    ];
    for (const [name, z, a] of points) expect(curveOf(name)!(z)).toBeCloseTo(a, 5);
    expect(curveOf("softmax")).toBeNull();
  });
});
