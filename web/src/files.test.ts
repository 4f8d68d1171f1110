import { expect, test } from "vitest";
import { csv } from "./files";

test("CSV keeps commas, quotes and line ends inside their cell", () => {
  const table = {
    caption: "",
    columns: ["name, unit", "value"],
    rows: [
      ['the "best"', 0.1],
      ["two\nlines", null],
    ],
  };
  expect(csv(table)).toBe(
    '"name, unit",value\r\n"the ""best""",0.1\r\n"two\nlines",\r\n',
  );
});
