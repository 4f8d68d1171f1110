/** A table of many thousand rows of which only those in view are on the page. */

import { framed, h } from "./dom";
import { Pages, pagesOf, visible } from "./pages";

const HEIGHT = 26;

export interface Source<T> {
  /** Asks for a page; its rows, how many there are in all. */
  fetch(page: number): Promise<{ rows: readonly T[]; total: number }>;
  cells(row: T): HTMLElement[];
  chosen(row: T): boolean;
  choose(row: T): void;
  failed(sentence: string): void;
}

export class RowList<T> {
  private readonly inner = h("div", { class: "opened-inner", role: "presentation" });
  readonly el = h(
    "div",
    {
      class: "opened-scroll",
      tabindex: 0,
      role: "rowgroup",
      "aria-label": "Parameters; scroll, or use the arrow keys",
    },
    this.inner,
  );
  private readonly pages = new Pages<T>();
  private readonly shown = new Map<number, HTMLElement>();
  private readonly frames = framed(() => this.draw());
  private readonly size = new ResizeObserver(() => this.frames.ask());
  private total = 0;
  private key = "";
  private over = false;

  constructor(
    private readonly source: Source<T>,
    private readonly table: HTMLElement,
  ) {
    this.el.addEventListener("scroll", () => this.frames.ask());
    this.el.addEventListener("keydown", (event) => this.walk(event));
    this.size.observe(this.el);
  }

  /** Shows the rows of another question; the same question keeps what is here. */
  of(key: string): void {
    this.key = key;
    this.pages.of(key);
    void this.fetch(0);
  }

  toTop(): void {
    this.el.scrollTop = 0;
  }

  /** Says again which rows are chosen. */
  mark(): void {
    for (const [i, el] of this.shown) {
      const row = this.pages.row(i);
      el.setAttribute("aria-selected", String(row !== undefined && this.source.chosen(row)));
    }
  }

  stop(): void {
    this.over = true;
    this.size.disconnect();
    this.frames.stop();
  }

  private async fetch(page: number): Promise<void> {
    const { key } = this;
    if (!this.pages.missing([page]).length) return;
    try {
      const { rows, total } = await this.source.fetch(page);
      if (this.over || key !== this.key) return;
      this.pages.put(page, rows);
      this.total = total;
      for (const el of this.shown.values()) el.remove();
      this.shown.clear();
      this.frames.ask();
    } catch (error) {
      this.pages.failed(page);
      if (!this.over && key === this.key) this.source.failed((error as Error).message);
    }
  }

  private draw(): void {
    this.inner.style.height = `${this.total * HEIGHT}px`;
    this.table.setAttribute("aria-rowcount", String(this.total + 1));
    if (!this.total) return;
    const { scrollTop, clientHeight } = this.el;
    const { first, last } = visible(scrollTop, clientHeight, HEIGHT, this.total);
    for (const page of pagesOf(first, last)) void this.fetch(page);
    for (const [i, el] of this.shown)
      if (i < first || i > last) {
        el.remove();
        this.shown.delete(i);
      }
    for (let i = first; i <= last; i++) if (!this.shown.has(i)) this.put(i);
  }

  private put(i: number): void {
    const row = this.pages.row(i);
    if (row === undefined) return;
    const words = { class: "opened-row", role: "row", "aria-rowindex": i + 2 };
    const el = h("div", words, ...this.source.cells(row));
    el.style.top = `${i * HEIGHT}px`;
    el.setAttribute("aria-selected", String(this.source.chosen(row)));
    el.addEventListener("click", () => this.source.choose(row));
    this.inner.append(el);
    this.shown.set(i, el);
  }

  /** Up and down walk over the rows, and choose. */
  private walk(event: KeyboardEvent): void {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const at = [...this.shown.keys()].find((i) => {
      const row = this.pages.row(i);
      return row !== undefined && this.source.chosen(row);
    });
    const { scrollTop, clientHeight } = this.el;
    const next = at === undefined ? Math.ceil(scrollTop / HEIGHT) : at + by;
    const index = Math.max(0, Math.min(this.total - 1, next));
    const row = this.pages.row(index);
    if (row !== undefined) this.source.choose(row);
    const top = index * HEIGHT;
    if (top < scrollTop) this.el.scrollTop = top;
    if (top + HEIGHT > scrollTop + clientHeight) this.el.scrollTop = top + HEIGHT - clientHeight;
  }
}
