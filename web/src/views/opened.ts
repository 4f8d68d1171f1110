// One step, opened: the example's cost digit by digit, what each output wants, the wishes
// passed back, what every parameter is to do, and the update that comes of it.

import type { Explanation, Model, Table, View } from "../view";
import type { Answer, Place } from "../wire";
import { signed } from "../drawing/colour";
import { calm, framed, h, m, say } from "../drawing/dom";
import { count, list, number, plural, probability, signedNumber } from "../drawing/format";
import { isUnit } from "../drawing/lens";
import { PAGE, Pages, pagesOf, visible } from "../drawing/pages";
import { largest } from "../drawing/scale";
import { outputNames } from "../drawing/scene";
import "./opened.css";

type Sort = "nudge" | "average" | "gain" | "place";

interface Term {
  output: number;
  a: number;
  y: number;
  term: number;
}
interface Row {
  place: Place;
  value: number;
  nudge: number;
  average: number;
  /** What the update adds to it, and how far the cost is to fall by that. */
  change: number;
  gain: number;
}
interface Update {
  eta: number | null;
  /** The mini-batch's cost before and after, and the difference as predicted. */
  cost: number;
  after: number;
  predicted: number;
  measured: number;
  epoch: number;
  batch: number;
  step: number;
}
interface Opened {
  terms: Term[];
  cost: number;
  /** −∂C/∂z and −∂C/∂a by layer. */
  wishes: Record<number, Float32Array>;
  wishesOfA: Record<number, Float32Array>;
  rows: Row[];
  total: number;
  update: Update;
  indices: number[];
}

const HEIGHT = 26;
const HEADS: [Sort | null, string, string][] = [
  ["place", "layer · neuron ← from", "where the parameter stands"],
  [null, "value", "its value now"],
  ["nudge", "example wants", "−∂C/∂w of this example: which way, and how much"],
  ["average", "batch wants", "the mean of −∂C/∂w over the next mini-batch"],
  [null, "update adds", "what the update adds to it"],
  ["gain", "cost falls by", "how far the mini-batch's cost is to fall by that: most for its change first"],
];

const last = new WeakMap<Model, Opened>();

const nameOf = ({ layer, neuron, input }: Place): string =>
  input === null
    ? `layer ${layer}, neuron ${neuron + 1}: bias`
    : `layer ${layer}, neuron ${neuron + 1} ← ${layer === 1 ? "input" : "neuron"} ${input + 1}`;

/** The same, as short as a column. */
const shortName = ({ layer, neuron, input }: Place): string =>
  `${layer} · ${neuron + 1}${input === null ? ", bias" : ` ← ${input + 1}`}`;

const same = (one: Place, other: Place | null): boolean =>
  other !== null && one.layer === other.layer && one.neuron === other.neuron && one.input === other.input;

export function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const sheet = new OpenedSheet(model, el);
  return () => sheet.remove();
}

class OpenedSheet {
  private readonly what = h("p");
  private readonly error = h("p", { class: "opened-error", role: "status" });
  private readonly terms = h("table", { class: "opened-terms" });
  private readonly wants = h("div");
  private readonly passed = h("div");
  private readonly heads = h("div", { class: "opened-sorts", role: "row", "aria-rowindex": 1 });
  private readonly inner = h("div", { class: "opened-inner", role: "presentation" });
  private readonly scroll = h("div", { class: "opened-scroll", tabindex: 0, role: "rowgroup", "aria-label": "Parameters; scroll, or use the arrow keys" }, this.inner);
  private readonly table = h("div", { class: "opened-table", role: "table", "aria-label": "What every parameter is to do" });
  private readonly most = h("p", { class: "opened-note" });
  private readonly update = h("p", { class: "opened-note" });
  private readonly apply = h("button", { type: "button", class: "button" }, "Apply this step");
  private readonly pages = new Pages<Row>();
  private readonly frames = framed(() => this.rows());
  private readonly soon = calm(() => this.ask(), 250);
  private readonly stops: (() => void)[] = [];
  private readonly shown = new Map<number, HTMLElement>();
  private sort: Sort = "gain";
  private total = 0;
  private over = false;

  constructor(
    private readonly model: Model,
    private readonly el: HTMLElement,
  ) {
    this.build();
    for (const name of ["state", "example"] as const) this.on(name, () => this.soon.ask());
    this.on("place", () => this.mark());
    this.scroll.addEventListener("scroll", () => this.frames.ask());
    this.scroll.addEventListener("keydown", (event) => this.key(event));
    const size = new ResizeObserver(() => this.frames.ask());
    size.observe(this.scroll);
    this.stops.push(() => size.disconnect());
    this.soon.ask();
  }

  private on(name: "state" | "example" | "place", f: () => void): void {
    this.model.on(`change:${name}`, f);
    this.stops.push(() => this.model.off(`change:${name}`, f));
  }

  private build(): void {
    for (const [sort, words, title] of HEADS) {
      const inside = sort ? h("button", { type: "button", title }, words) : h("span", { title }, words);
      if (sort) inside.addEventListener("click", () => this.by(sort));
      this.heads.append(h("div", { role: "columnheader", "data-sort": sort }, inside));
    }
    this.apply.addEventListener("click", () => void this.step());
    this.table.append(h("div", { role: "rowgroup" }, this.heads), this.scroll);
    this.el.append(
      h("div", { class: "opened-view" },
        h("div", { class: "opened-head" }, this.what, this.error),
        h("div", { class: "opened-left" },
          h("h3", {}, "1 · The cost, output by output"), this.terms,
          h("h3", {}, "2 · What each output wants"), this.wants,
          h("h3", {}, "3 · The wishes passed back"), this.passed),
        h("div", { class: "opened-right" },
          h("h3", {}, "4 · What every parameter is to do"), this.table, this.most,
          h("div", { class: "opened-foot" }, this.update, this.apply)),
      ),
    );
    this.sorted();
  }

  private by(sort: Sort): void {
    this.sort = sort;
    this.sorted();
    this.scroll.scrollTop = 0;
    this.ask();
  }

  private sorted(): void {
    for (const head of this.heads.children)
      head.setAttribute("aria-sort", head.getAttribute("data-sort") === this.sort ? "descending" : "none");
  }

  private key_(): string {
    const state = this.model.get("state");
    const edits = state?.edits.length ?? 0;
    return [state?.run, state?.step, edits, JSON.stringify(this.model.get("example")), this.sort].join("|");
  }

  /** What is opened is the step that comes next; while it trains, none is. */
  private ask(): void {
    const state = this.model.get("state");
    if (!state || this.over) return;
    this.apply.disabled = state.phase === "training" || state.phase === "loading";
    if (state.phase === "training" || state.phase === "loading") {
      say(this.what, "A step can be opened when the training is paused.");
      return;
    }
    this.pages.of(this.key_());
    void this.fetch(0);
  }

  private async fetch(page: number): Promise<void> {
    const key = this.key_();
    if (!this.pages.missing([page]).length) return;
    const example = this.model.get("example");
    try {
      const answer = await this.model.ask({
        do: "opened", example, sort: this.sort, first: page * PAGE, count: PAGE,
      });
      if (this.over || !this.pages.isOf(key)) return;
      this.pages.put(page, answer["rows"] as Row[]);
      this.total = Number(answer["total"]);
      if (page === 0) this.learn(answer);
      say(this.error, "");
      this.refresh();
    } catch (error) {
      this.pages.failed(page);
      if (!this.over) say(this.error, (error as Error).message);
    }
  }

  private learn(answer: Answer): void {
    const pick = (stem: RegExp, sign: number) =>
      Object.fromEntries(
        Object.entries(answer.blocks)
          .filter(([name]) => stem.test(name))
          .map(([name, { data }]) => [Number(name.replace(/\D/g, "")), data.map((v) => sign * v)]),
      );
    last.set(this.model, {
      terms: (answer["cost_terms"] as Term[] | undefined) ?? [],
      cost: Number(answer["cost"]),
      wishes: pick(/^delta\d+$/, -1),
      wishesOfA: pick(/^wish_a\d+$/, 1),
      rows: answer["rows"] as Row[],
      total: Number(answer["total"]),
      update: answer["update"] as Update,
      indices: answer["indices"] as number[],
    });
    this.costs();
    this.wish();
    this.words();
  }

  private costs(): void {
    const [found, state] = [last.get(this.model), this.model.get("state")];
    if (!found || !state) return;
    const names = outputNames(state);
    const unit = isUnit(state.activations[state.activations.length - 1]);
    const rows = found.terms.map(({ output, a, y, term }) =>
      h("tr", { class: y > 0 && names ? "is-right" : null },
        h("td", {}, names?.[output] ?? String(output + 1)),
        h("td", {}, unit ? probability(a) : number(a)), h("td", {}, Number.isInteger(y) ? count(y) : number(y)), h("td", {}, number(term))));
    const head = h("tr", {}, ...["output", "a", "wanted y", "its cost"].map((words) => h("th", { scope: "col" }, words)));
    const { cost } = found;
    const total = h("tr", { class: "is-sum" }, h("td", {}, "cost C"), h("td"), h("td"), h("td", {}, number(cost)));
    this.terms.replaceChildren(head, ...rows, total);
    this.el.dataset["cost"] = String(cost);
  }

  private wish(): void {
    const [found, state] = [last.get(this.model), this.model.get("state")];
    if (!found || !state) return;
    const L = state.sizes.length - 1;
    const names = outputNames(state);
    const outputs = found.wishes[L] ?? new Float32Array();
    this.wants.replaceChildren(
      this.tiles(L, outputs, (j) => names?.[j] ?? String(j + 1)),
      h("p", { class: "opened-note" }, wanted(outputs, (j) => names?.[j] ?? `output ${j + 1}`, "z")),
    );
    this.passed.replaceChildren();
    for (let l = L - 1; l >= 1; l--) {
      const values = found.wishesOfA[l];
      if (!values) continue;
      this.passed.append(
        h("p", { class: "opened-note" }, `Layer ${l}: ${wanted(values, (j) => `neuron ${j + 1}`, "a")}`),
        this.tiles(l, values, () => ""),
      );
    }
  }

  /** One tile a neuron: + brighter, − dimmer, as strong as the wish. */
  private tiles(layer: number, values: Float32Array, name: (j: number) => string): HTMLElement {
    const most = largest(values);
    const box = h("div", { class: "opened-wishes" });
    const order = [...values.keys()];
    const few = order.length <= 64
      ? order
      : order.sort((i, j) => Math.abs(values[j]) - Math.abs(values[i])).slice(0, 48);
    for (const j of few) {
      const t = most > 0 ? values[j] / most : 0;
      const words = `layer ${layer}, neuron ${j + 1}: ${signedNumber(values[j])}`;
      const mark = Math.abs(t) < 0.02 ? "" : t > 0 ? "+" : "−";
      const tile = h("button", { type: "button", title: words, "aria-label": words }, `${name(j)}${mark}`);
      tile.style.background = signed(t);
      tile.style.color = Math.abs(t) > 0.45 ? "#14171f" : "#fff";
      tile.addEventListener("click", () => this.choose({ layer, neuron: j, input: null }));
      box.append(tile);
    }
    if (few.length < values.length)
      box.append(h("span", { class: "opened-note" }, `strongest ${few.length} of ${count(values.length)}`));
    return box;
  }

  private words(): void {
    const [found, state] = [last.get(this.model), this.model.get("state")];
    if (!found || !state) return;
    const example = this.model.get("example");
    const name = "drawn" in example ? "Your drawing" : `The ${example.part} example ${count(example.index)}`;
    const { update, indices } = found;
    say(this.what, `${name}, at step ${count(update.step)}; ${plural(found.total, "parameter")}.`);
    this.el.dataset["step"] = String(update.step);
    const top = found.rows[0];
    const kind = {
      nudge: "Wanted most by this example", average: "Wanted most by the mini-batch",
      gain: "Most for its change", place: "",
    }[this.sort];
    say(this.most, top && kind ? `${kind}: ${nameOf(top.place)}.` : "");
    const eta = update.eta === null ? "" : ` with η = ${number(update.eta)}`;
    const few = list(indices.slice(0, 10).map(count));
    const more = indices.length > 10 ? ` and ${count(indices.length - 10)} more` : "";
    say(this.update,
      `5 · The update${eta}: mini-batch ${count(update.batch + 1)} of epoch ${count(update.epoch)}, ` +
      `the training examples ${few}${more}. Its cost goes from ${number(update.cost, 4)} to ` +
      `${number(update.after, 4)}: predicted ${signedNumber(update.predicted)}, measured ${signedNumber(update.measured)}.`);
  }

  private async step(): Promise<void> {
    try {
      await this.model.ask({ do: "step", batches: 1 });
    } catch (error) {
      say(this.error, (error as Error).message);
    }
  }

  private choose(place: Place): void {
    this.model.set("place", place);
    this.model.save_changes();
  }

  /** Puts the rows in view on the page; those that are not here yet are fetched. */
  private rows(): void {
    this.inner.style.height = `${this.total * HEIGHT}px`;
    if (!this.total) return;
    const { first, last: end } = visible(this.scroll.scrollTop, this.scroll.clientHeight, HEIGHT, this.total);
    for (const page of pagesOf(first, end)) void this.fetch(page);
    for (const [i, row] of this.shown)
      if (i < first || i > end) {
        row.remove();
        this.shown.delete(i);
      }
    for (let i = first; i <= end; i++) if (!this.shown.has(i)) this.row(i);
    this.table.setAttribute("aria-rowcount", String(this.total + 1));
  }

  private refresh(): void {
    for (const row of this.shown.values()) row.remove();
    this.shown.clear();
    this.frames.ask();
  }

  private row(i: number): void {
    const data = this.pages.row(i);
    if (!data) return;
    const { place, value, nudge, average, change, gain } = data;
    const cell = (v: number) =>
      h("span", { role: "cell", class: v > 0 ? "pos" : v < 0 ? "neg" : null }, signedNumber(v));
    const row = h("div", { class: "opened-row", role: "row", "aria-rowindex": i + 2 },
      h("span", { role: "cell", title: nameOf(place) }, shortName(place)), h("span", { role: "cell" }, signedNumber(value)),
      cell(nudge), cell(average), cell(change), cell(gain));
    row.style.top = `${i * HEIGHT}px`;
    row.setAttribute("aria-selected", String(same(place, this.model.get("place"))));
    row.addEventListener("click", () => this.choose(place));
    this.inner.append(row);
    this.shown.set(i, row);
  }

  private mark(): void {
    for (const [i, row] of this.shown) {
      const data = this.pages.row(i);
      row.setAttribute("aria-selected", String(data ? same(data.place, this.model.get("place")) : false));
    }
  }

  /** Up and down walk over the rows, and choose. */
  private key(event: KeyboardEvent): void {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const place = this.model.get("place");
    let at = -1;
    for (const i of this.shown.keys()) {
      const row = this.pages.row(i);
      if (row && same(row.place, place)) at = i;
    }
    const first = Math.ceil(this.scroll.scrollTop / HEIGHT);
    const next = Math.max(0, Math.min(this.total - 1, at < 0 ? first : at + by));
    const row = this.pages.row(next);
    if (row) this.choose(row.place);
    const top = next * HEIGHT;
    const { scrollTop, clientHeight } = this.scroll;
    if (top < scrollTop) this.scroll.scrollTop = top;
    if (top + HEIGHT > scrollTop + clientHeight) this.scroll.scrollTop = top + HEIGHT - clientHeight;
  }

  remove(): void {
    this.over = true;
    for (const stop of this.stops) stop();
    for (const one of [this.frames, this.soon]) one.stop();
    this.el.replaceChildren();
  }
}

/** The two strongest wishes of a layer, in words. */
function wanted(values: Float32Array, name: (j: number) => string, of: string): string {
  const order = [...values.keys()].sort((i, j) => Math.abs(values[j]) - Math.abs(values[i]));
  const said = order
    .slice(0, 2)
    .filter((j) => values[j] !== 0)
    .map((j) => `${name(j)} ${values[j] > 0 ? "up" : "down"} (−∂C/∂${of} = ${signedNumber(values[j])})`);
  return said.length ? `most of all ${list(said)}.` : "nothing at all.";
}

export function summary(model: Model): string {
  const found = last.get(model);
  const state = model.get("state");
  if (!found || !state) return "No step is opened.";
  const { cost } = found;
  const outputs = found.wishes[state.sizes.length - 1];
  const names = outputNames(state);
  const wish = outputs ? ` Its outputs want ${wanted(outputs, (j) => names?.[j] ?? `output ${j + 1}`, "z")}` : "";
  return `The example's cost is ${number(cost)}.${wish} ${plural(found.total, "parameter")} get a nudge.`;
}

/** All of it, page by page: what the table on the sheet shows. */
export async function table(model: Model): Promise<Table> {
  const columns = ["parameter", "value", "this example wants", "the mini-batch wants", "update adds", "cost falls by"];
  const rows: (string | number | null)[][] = [];
  const places: Place[] = [];
  const example = model.get("example");
  const most = 200;
  for (let first = 0; ; first += most) {
    const answer = await model.ask({ do: "opened", example, sort: "gain", first, count: most });
    const page = answer["rows"] as Row[];
    for (const { place, value, nudge, average, change, gain } of page) {
      rows.push([nameOf(place), value, nudge, average, change, gain]);
      places.push(place);
    }
    if (!page.length || rows.length >= Math.min(Number(answer["total"]), 20_000)) break;
  }
  return { caption: "What every parameter is to do", columns, rows, places };
}

export function explain(model: Model): Explanation | null {
  const state = model.get("state");
  if (!state) return null;
  const eta = last.get(model)?.update.eta ?? state.recipe.eta;
  const formula = m("math", m("mrow", m("mi", "w"), m("mo", "→"), m("mi", "w"), m("mo", "−"),
    eta === null ? m("mi", "η") : m("mn", number(eta)), m("mo", "·"),
    m("mfrac", m("mrow", m("mo", "∂"), m("mi", "C")), m("mrow", m("mo", "∂"), m("mi", "w")))));
  return {
    text:
      "The example's cost is a sum over the outputs. Each output wants to go up or down in " +
      "proportion to what it costs; a weight hears that wish times the activation that comes " +
      "through it, and passes it back times itself. Averaged over the mini-batch, the wishes are " +
      "the gradient; the update goes a step along it.",
    formula: formula.outerHTML,
  };
}

export default {
  render,
  title: "One step, opened",
  blocks: [],
  summary,
  table,
  explain,
} satisfies View;
