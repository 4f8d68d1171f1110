/** A long list of which the server gives pages: what is looked at is fetched, once. */

export const PAGE = 100;

/** The pages that hold rows first ... last. */
export function pagesOf(first: number, last: number, page = PAGE): number[] {
  const out: number[] = [];
  for (let p = Math.floor(Math.max(0, first) / page); p * page <= last; p++) out.push(p);
  return out;
}

export interface Visible {
  first: number;
  last: number;
}

/** The rows that lie within a scrolled box, with a few beyond its edges. */
export function visible(top: number, height: number, row: number, total: number): Visible {
  const first = Math.max(0, Math.floor(top / row) - 4);
  const last = Math.min(total - 1, Math.ceil((top + height) / row) + 4);
  return { first, last };
}

/** Pages kept by number; the oldest are dropped. Another `key` empties it. */
export class Pages<T> {
  private kept = new Map<number, readonly T[]>();
  private key = "";
  private readonly asked = new Set<number>();

  constructor(private readonly most = 40) {}

  /** Forgets all that was of another question. */
  of(key: string): void {
    if (key === this.key) return;
    this.key = key;
    this.kept.clear();
    this.asked.clear();
  }

  isOf(key: string): boolean {
    return key === this.key;
  }

  row(i: number): T | undefined {
    return this.kept.get(Math.floor(i / PAGE))?.[i % PAGE];
  }

  /** Those of the pages that are neither here nor on their way; they count as asked. */
  missing(pages: readonly number[]): number[] {
    const out = pages.filter((p) => !this.kept.has(p) && !this.asked.has(p));
    for (const p of out) this.asked.add(p);
    return out;
  }

  put(page: number, rows: readonly T[]): void {
    this.asked.delete(page);
    this.kept.delete(page);
    this.kept.set(page, rows);
    const oldest = this.kept.keys().next().value;
    if (this.kept.size > this.most && oldest !== undefined) this.kept.delete(oldest);
  }

  failed(page: number): void {
    this.asked.delete(page);
  }
}
