import { expect, test } from "vitest";
import { AT_FIRST } from "./address";
import { Undo } from "./undo";

const at = (link: string) => ({ link, looks: AT_FIRST });

test("undo goes back through what was, redo forth again", () => {
  const undo = new Undo();
  undo.remember(at("a"));
  undo.remember(at("b"));
  expect(undo.undo(at("c"))).toEqual(at("b"));
  expect(undo.undo(at("b"))).toEqual(at("a"));
  expect(undo.undo(at("a"))).toBe(null);
  expect(undo.redo(at("a"))).toEqual(at("b"));
  expect(undo.redo(at("b"))).toEqual(at("c"));
  expect(undo.redo(at("c"))).toBe(null);
});

test("what is so already is passed over", () => {
  const undo = new Undo();
  undo.remember(at("a"));
  undo.remember(at("b"));
  expect(undo.undo(at("b"))).toEqual(at("a"));
});

test("a new change ends what could be redone", () => {
  const undo = new Undo();
  undo.remember(at("a"));
  undo.undo(at("b"));
  undo.remember(at("a"));
  expect(undo.redo(at("c"))).toBe(null);
});
