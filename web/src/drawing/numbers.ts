/** A view's numbers as a plain table, as they are when it is opened. */

import type { Model, View } from "../view";
import { h } from "./dom";
import { number } from "./format";

/** Rows that are shown; who wants all has them in Python. */
const MOST = 500;

export async function numbersOf(view: View, model: Model, into: HTMLElement): Promise<void> {
  const found = into.querySelector("table, .trouble");
  let shown: HTMLElement;
  try {
    const { caption, columns, rows } = await view.table(model);
    const more = rows.length > MOST ? ` (the first ${MOST} of ${rows.length} rows)` : "";
    const cells = (row: (string | number | null)[]) =>
      row.map((v) => h("td", {}, typeof v === "number" ? number(v) : (v ?? "")));
    shown = h(
      "table",
      {},
      h("caption", {}, caption + more),
      h("thead", {}, h("tr", {}, ...columns.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, ...rows.slice(0, MOST).map((row) => h("tr", {}, ...cells(row)))),
    );
  } catch (error) {
    shown = h("p", { class: "trouble" }, (error as Error).message);
  }
  found?.remove();
  into.append(shown);
}
