import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { say } from "./say";

const said: string[] = [];
const region = {
  set textContent(words: string) {
    said.push(words);
  },
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { getElementById: () => region });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("at most one sentence a second, the last one wins", () => {
  for (let i = 0; i < 100; i++) {
    say(`sentence ${i}`);
    vi.advanceTimersByTime(100);
  }
  expect(said.length).toBeLessThanOrEqual(1 + 10);
  expect(said[0]).toBe("sentence 0");
  vi.advanceTimersByTime(2000);
  expect(said.at(-1)).toBe("sentence 99");
});
