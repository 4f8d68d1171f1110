// The numbers of a picture in a real table: sortable, copyable, each row leading to its
// place in the network.

import { useSignal } from "@preact/signals";
import { number } from "../drawing/format";
import { saveCsv } from "../files";
import type { Table } from "../view";
import type { Place } from "../wire";

const AT_ONCE = 200;

type Cell = string | number | null;

function compare(a: Cell, b: Cell): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

function written(value: Cell): string {
  if (value === null) return "";
  if (typeof value !== "number") return value;
  return Number.isInteger(value) ? String(value).replace("-", "−") : number(value, 6);
}

interface Props {
  table: Table;
  name: string;
  choose: (place: Place) => void;
}

export function Numbers({ table, name, choose }: Props) {
  const by = useSignal<{ column: number; down: boolean } | null>(null);
  const shown = useSignal(AT_ONCE);
  const order = table.rows.map((_, i) => i);
  if (by.value) {
    const { column, down } = by.value;
    order.sort(
      (a, b) =>
        compare(table.rows[a]![column] ?? null, table.rows[b]![column] ?? null) *
        (down ? -1 : 1),
    );
  }
  const places = table.places;
  const sortBy = (column: number) => {
    const now = by.value;
    const down = now?.column === column ? !now.down : typeof table.rows[0]?.[column] === "number";
    by.value = { column, down };
  };
  return (
    <div class="numbers-table">
      <div class="buttons">
        <button type="button" class="button" onClick={() => saveCsv(name, table)}>
          Save as CSV
        </button>
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label={table.caption}>
        <table>
          <caption>{table.caption}</caption>
          <thead>
            <tr>
              {table.columns.map((column, i) => {
                const sorted = by.value?.column === i;
                const way = by.value?.down ? "descending" : "ascending";
                return (
                  <th
                    key={i}
                    scope="col"
                    aria-sort={sorted ? way : "none"}
                    class={typeof table.rows[0]?.[i] === "number" ? "number" : ""}
                  >
                    <button type="button" onClick={() => sortBy(i)}>
                      {column}
                      <span aria-hidden="true">{sorted ? (by.value?.down ? " ↓" : " ↑") : ""}</span>
                    </button>
                  </th>
                );
              })}
              {places && <th scope="col">place</th>}
            </tr>
          </thead>
          <tbody>
            {order.slice(0, shown.value).map((i) => (
              <tr key={i}>
                {table.rows[i]!.map((value, j) => (
                  <td key={j} class={typeof value === "number" ? "number" : ""}>
                    {written(value)}
                  </td>
                ))}
                {places && (
                  <td>
                    {places[i] && (
                      <button type="button" class="link" onClick={() => choose(places[i]!)}>
                        Show
                      </button>
                    )}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {table.rows.length > shown.value && (
        <button type="button" class="button" onClick={() => (shown.value += 5 * AT_ONCE)}>
          Show more of {table.rows.length} rows
        </button>
      )}
    </div>
  );
}
