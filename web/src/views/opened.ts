// One step, opened: the example's cost digit by digit, what each output wants, the wishes
// passed back, what every parameter is to do, and the update that comes of it.

import type { Explanation, Model, Table, View } from "../view";
import type { Answer, Place } from "../wire";
import { calm, h, m, say } from "../drawing/dom";
import { count, number, plural, signedNumber } from "../drawing/format";
import {
  HEADS,
  termRows,
  updateWords,
  type Opened,
  type Row,
  type Sort,
  type Term,
  type Update,
} from "../drawing/opened";
import { PAGE } from "../drawing/pages";
import { placeName, samePlace, shortName } from "../drawing/places";
import { RowList } from "../drawing/rowlist";
import { outputNames } from "../drawing/scene";
import { openedFigure } from "../drawing/sheets";
import { tiles, wanted } from "../drawing/wishes";
import { silentOf } from "../silencer";
import "./opened.css";

const last = new WeakMap<Model, Opened>();

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
  private readonly heads = h("div", {
    class: "opened-sorts",
    role: "row",
    "aria-rowindex": 1,
  });
  private readonly table = h("div", {
    class: "opened-table",
    role: "table",
    "aria-label": "What every parameter is to do",
  });
  private readonly most = h("p", { class: "opened-note" });
  private readonly update = h("p", { class: "opened-note" });
  private readonly apply = h("button", { type: "button", class: "button" }, "Apply this step");
  private readonly list: RowList<Row>;
  private readonly soon = calm(() => this.ask(), 250);
  private readonly stops: (() => void)[] = [];
  private sort: Sort = "gain";
  private over = false;

  constructor(
    private readonly model: Model,
    private readonly el: HTMLElement,
  ) {
    this.list = new RowList<Row>(
      {
        fetch: (page) => this.fetch(page),
        cells: (row) => this.cells(row),
        chosen: (row) => samePlace(row.place, model.get("place")),
        choose: (row) => this.choose(row.place),
        failed: (sentence) => say(this.error, sentence),
      },
      this.table,
    );
    this.build();
    for (const name of ["state", "example"] as const) this.on(name, () => this.soon.ask());
    this.on("place", () => this.list.mark());
    this.soon.ask();
  }

  private on(name: "state" | "example" | "place", f: () => void): void {
    this.model.on(`change:${name}`, f);
    this.stops.push(() => this.model.off(`change:${name}`, f));
  }

  private build(): void {
    for (const [sort, words, title] of HEADS) {
      const inside = sort
        ? h("button", { type: "button", title }, words)
        : h("span", { title }, words);
      if (sort) inside.addEventListener("click", () => this.by(sort));
      this.heads.append(h("div", { role: "columnheader", "data-sort": sort }, inside));
    }
    this.apply.addEventListener("click", () => void this.step());
    this.table.append(h("div", { role: "rowgroup" }, this.heads), this.list.el);
    this.el.append(
      h(
        "div",
        { class: "opened-view" },
        h("div", { class: "opened-head" }, this.what, this.error),
        h(
          "div",
          { class: "opened-left" },
          h("h3", {}, "1 · The cost, output by output"),
          this.terms,
          h("h3", {}, "2 · What each output wants"),
          this.wants,
          h("h3", {}, "3 · The wishes passed back"),
          this.passed,
        ),
        h(
          "div",
          { class: "opened-right" },
          h("h3", {}, "4 · What every parameter is to do"),
          this.table,
          this.most,
          h("div", { class: "opened-foot" }, this.update, this.apply),
        ),
      ),
    );
    this.sorted();
  }

  private by(sort: Sort): void {
    this.sort = sort;
    this.sorted();
    this.list.toTop();
    this.ask();
  }

  private sorted(): void {
    for (const head of this.heads.children)
      head.setAttribute(
        "aria-sort",
        head.getAttribute("data-sort") === this.sort ? "descending" : "none",
      );
  }

  private key(): string {
    const state = this.model.get("state");
    const edits = state?.edits.length ?? 0;
    return [
      state?.run,
      state?.step,
      edits,
      JSON.stringify(this.model.get("example")),
      this.sort,
    ].join("|");
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
    this.list.of(this.key());
  }

  private async fetch(page: number) {
    const example = this.model.get("example");
    const answer = await this.model.ask({
      do: "opened",
      example,
      sort: this.sort,
      first: page * PAGE,
      count: PAGE,
    });
    if (page === 0 && !this.over) this.learn(answer);
    return { rows: answer["rows"] as Row[], total: Number(answer["total"]) };
  }

  private learn(answer: Answer): void {
    say(this.error, "");
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
    this.terms.replaceChildren(...termRows(found, state));
    this.el.dataset["cost"] = String(found.cost);
  }

  private wish(): void {
    const [found, state] = [last.get(this.model), this.model.get("state")];
    if (!found || !state) return;
    const L = state.sizes.length - 1;
    const names = outputNames(state);
    const outputs = found.wishes[L] ?? new Float32Array();
    this.wants.replaceChildren(
      tiles(L, outputs, (j) => names?.[j] ?? String(j + 1), this.at(L)),
      h(
        "p",
        { class: "opened-note" },
        wanted(outputs, (j) => names?.[j] ?? `output ${j + 1}`, "z"),
      ),
    );
    this.passed.replaceChildren();
    for (let l = L - 1; l >= 1; l--) {
      const values = found.wishesOfA[l];
      if (!values) continue;
      this.passed.append(
        h(
          "p",
          { class: "opened-note" },
          `Layer ${l}: ${wanted(values, (j) => `neuron ${j + 1}`, "a")}`,
        ),
        tiles(l, values, () => "", this.at(l)),
      );
    }
  }

  private words(): void {
    const [found, state] = [last.get(this.model), this.model.get("state")];
    if (!found || !state) return;
    const example = this.model.get("example");
    const name =
      "drawn" in example ? "Your drawing" : `The ${example.part} example ${count(example.index)}`;
    const { update } = found;
    const all = silentOf(this.model).length
      ? " The training knows no silence: here all neurons speak."
      : "";
    const parameters = plural(found.total, "parameter");
    say(this.what, `${name}, at step ${count(update.step)}; ${parameters}.${all}`);
    this.el.dataset["step"] = String(update.step);
    const top = found.rows[0];
    const kind = {
      nudge: "Wanted most by this example",
      average: "Wanted most by the mini-batch",
      gain: "Most for its change",
      place: "",
    }[this.sort];
    say(this.most, top && kind ? `${kind}: ${placeName(top.place)}.` : "");
    say(this.update, updateWords(found));
  }

  private async step(): Promise<void> {
    try {
      await this.model.ask({ do: "step", batches: 1 });
    } catch (error) {
      say(this.error, (error as Error).message);
    }
  }

  private at(layer: number): (j: number) => void {
    return (neuron) => this.choose({ layer, neuron, input: null });
  }

  private choose(place: Place): void {
    this.model.set("place", place);
    this.model.save_changes();
  }

  private cells({ place, value, nudge, average, change, gain }: Row): HTMLElement[] {
    const cell = (v: number) =>
      h("span", { role: "cell", class: v > 0 ? "pos" : v < 0 ? "neg" : null }, signedNumber(v));
    return [
      h("span", { role: "cell", title: placeName(place) }, shortName(place)),
      h("span", { role: "cell" }, signedNumber(value)),
      cell(nudge),
      cell(average),
      cell(change),
      cell(gain),
    ];
  }

  remove(): void {
    this.over = true;
    for (const stop of this.stops) stop();
    for (const one of [this.list, this.soon]) one.stop();
    this.el.replaceChildren();
  }
}

export function summary(model: Model): string {
  const found = last.get(model);
  const state = model.get("state");
  if (!found || !state) return "No step is opened.";
  const { cost } = found;
  const outputs = found.wishes[state.sizes.length - 1];
  const names = outputNames(state);
  const wish = outputs
    ? ` Its outputs want ${wanted(outputs, (j) => names?.[j] ?? `output ${j + 1}`, "z")}`
    : "";
  return `The example's cost is ${number(cost)}.${wish} ${plural(found.total, "parameter")} get a nudge.`;
}

/** All of it, page by page: what the table on the sheet shows. */
export async function table(model: Model): Promise<Table> {
  const columns = [
    "parameter",
    "value",
    "this example wants",
    "the mini-batch wants",
    "update adds",
    "cost falls by",
  ];
  const rows: (string | number | null)[][] = [];
  const places: Place[] = [];
  const example = model.get("example");
  const most = 200;
  for (let first = 0; ; first += most) {
    const answer = await model.ask({
      do: "opened",
      example,
      sort: "gain",
      first,
      count: most,
    });
    const page = answer["rows"] as Row[];
    for (const { place, value, nudge, average, change, gain } of page) {
      rows.push([placeName(place), value, nudge, average, change, gain]);
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
  const formula = m(
    "math",
    m(
      "mrow",
      m("mi", "w"),
      m("mo", "→"),
      m("mi", "w"),
      m("mo", "−"),
      eta === null ? m("mi", "η") : m("mn", number(eta)),
      m("mo", "·"),
      m("mfrac", m("mrow", m("mo", "∂"), m("mi", "C")), m("mrow", m("mo", "∂"), m("mi", "w"))),
    ),
  );
  return {
    text:
      "The example's cost is a sum over the outputs. Each output wants to go up or down in " +
      "proportion to what it costs; a weight hears that wish times the activation that comes " +
      "through it, and passes it back times itself. Averaged over the mini-batch, the wishes are " +
      "the gradient; the update goes a step along it.",
    formula: formula.outerHTML,
  };
}

export function svg(model: Model): string {
  return openedFigure(model, last.get(model), summary(model));
}

export default {
  render,
  title: "One step, opened",
  blocks: [],
  summary,
  table,
  svg,
  explain,
} satisfies View;
