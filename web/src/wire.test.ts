import { expect, test } from "vitest";
import { blocks, decode } from "./wire";

function message(change: (head: DataView) => void = () => {}): ArrayBuffer {
  const bytes = new ArrayBuffer(32 + 4 * 6);
  const head = new DataView(bytes);
  head.setUint16(0, 0x6c70, true);
  head.setUint8(2, 1);
  head.setUint8(3, 1);
  head.setUint32(4, 7, true);
  head.setBigUint64(8, 600n, true);
  head.setUint32(16, 2, true);
  head.setUint32(20, 9, true);
  head.setUint32(24, 6, true);
  new Float32Array(bytes, 32).set([1, 2, 3, 4, 5, 6]);
  change(head);
  return bytes;
}

test("a frame says what it is", () => {
  const { numbers, ...head } = decode(message());
  expect(head).toEqual({ kind: "frame", run: 7, step: 600, layout: 2, number: 9 });
  expect([...numbers]).toEqual([1, 2, 3, 4, 5, 6]);
});

test.each([
  ["no frame", (head: DataView) => head.setUint16(0, 1, true)],
  ["version 2", (head: DataView) => head.setUint8(2, 2)],
  ["another length", (head: DataView) => head.setUint32(24, 5, true)],
])("%s is refused in words", (words, change) => {
  expect(() => decode(message(change))).toThrow(words);
});

test("too short is refused", () => {
  expect(() => decode(new ArrayBuffer(31))).toThrow("no frame");
});

test("blocks lie where the layout says", () => {
  const found = blocks(
    [
      { name: "b1", layer: 1, shape: [2], offset: 4 },
      { name: "w1", layer: 1, shape: [2, 2], offset: 0 },
    ],
    decode(message()).numbers,
  );
  expect([...found.w1!.data]).toEqual([1, 2, 3, 4]);
  expect([...found.b1!.data]).toEqual([5, 6]);
});
