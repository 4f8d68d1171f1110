// The numbers of a picture in a real table: sortable, copyable, each row leading to its
// place in the network.

import { useSignal } from "@preact/signals";
import { count, number } from "../drawing/format";
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

type Sorting = { column: number; down: boolean } | null;

/** Numbers of rows, in the order that is wanted. */
function ordered(rows: Cell[][], by: Sorting): number[] {
  const order = rows.map((_, i) => i);
  if (!by) return order;
  const { column, down } = by;
  const at = (i: number) => rows[i]![column] ?? null;
  return order.sort((a, b) => compare(at(a), at(b)) * (down ? -1 : 1));
}

function Head({ table, by, sort }: { table: Table; by: Sorting; sort: (i: number) => void }) {
  const way = by?.down ? "descending" : "ascending";
  return (
    <thead>
      <tr>
        {table.columns.map((column, i) => (
          <th
            key={i}
            scope="col"
            aria-sort={by?.column === i ? way : "none"}
            class={typeof table.rows[0]?.[i] === "number" ? "number" : ""}
          >
            <button type="button" onClick={() => sort(i)}>
              {column}
              <span aria-hidden="true">
                {by?.column === i ? (by.down ? " ↓" : " ↑") : ""}
              </span>
            </button>
          </th>
        ))}
        {table.places && <th scope="col">place</th>}
      </tr>
    </thead>
  );
}

interface Props {
  table: Table;
  name: string;
  choose: (place: Place) => void;
}

function Row({ table, i, choose }: { table: Table; i: number; choose: Props["choose"] }) {
  const place = table.places?.[i];
  return (
    <tr>
      {table.rows[i]!.map((value, j) => (
        <td key={j} class={typeof value === "number" ? "number" : ""}>
          {written(value)}
        </td>
      ))}
      {table.places && (
        <td>
          {place && (
            <button type="button" class="link" onClick={() => choose(place)}>
              Show
            </button>
          )}
        </td>
      )}
    </tr>
  );
}

export function Numbers({ table, name, choose }: Props) {
  const by = useSignal<Sorting>(null);
  const shown = useSignal(AT_ONCE);
  const order = ordered(table.rows, by.value);
  const sort = (column: number) => {
    const again = by.value?.column === column;
    const numeric = typeof table.rows[0]?.[column] === "number";
    by.value = { column, down: again ? !by.value!.down : numeric };
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
          <Head table={table} by={by.value} sort={sort} />
          <tbody>
            {order.slice(0, shown.value).map((i) => (
              <Row key={i} table={table} i={i} choose={choose} />
            ))}
          </tbody>
        </table>
      </div>
      {table.rows.length > shown.value && (
        <button type="button" class="button" onClick={() => (shown.value += 5 * AT_ONCE)}>
          Show more of {count(table.rows.length)} rows
        </button>
      )}
    </div>
  );
}
