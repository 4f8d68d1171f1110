/** Names and numbers in two columns, as the rails show them. */

import { h } from "./dom";

export type Row = [name: string, value: string, sign: number | null, strong?: boolean];

/** Names and values, one under the other; rewritten only where they change. */
export class Rows {
  readonly el = h("dl", { class: "rail-list" });
  private shown = "";

  show(rows: readonly Row[]): void {
    const key = JSON.stringify(rows);
    if (key === this.shown) return;
    this.shown = key;
    this.el.replaceChildren();
    for (const [name, value, sign, strong] of rows) {
      const colour = sign === null || sign === 0 ? "" : sign > 0 ? "pos" : "neg";
      this.el.append(
        h("dt", {}, name),
        h("dd", { class: `${colour}${strong ? " strong" : ""}`.trim() || null }, value),
      );
    }
  }
}
