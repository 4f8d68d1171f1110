// Which neurons are silenced: told to the server, which then shows all without them, and
// says what that costs.

import { calm } from "./drawing/dom";
import { list } from "./drawing/format";
import type { Model, Silence, Silent } from "./view";

/** While it trains what it costs is measured not more often than this. */
const PAUSE_MS = 1500;

export const isSilent = (silent: Silent, layer: number, neuron: number): boolean =>
  silent.some(([l, j]) => l === layer && j === neuron);

/** Those that are silenced; a host that cannot silence any has no such word. */
export const silentOf = (model: Model): Silent => model.get("silent") ?? [];

/** "layer 1 neurons 3 and 10; layer 2 neuron 6", counted from 1 as in the picture. */
export function silentNames(silent: Silent): string {
  const layers = new Map<number, string[]>();
  for (const [l, j] of silent) layers.set(l, [...(layers.get(l) ?? []), String(j + 1)]);
  return [...layers]
    .map(([l, names]) => `layer ${l} neuron${names.length > 1 ? "s" : ""} ${list(names)}`)
    .join("; ");
}

/** One more silent, or one less; in the order of layers and neurons. */
export function toggled(silent: Silent, layer: number, neuron: number): Silent {
  const others = silent.filter(([l, j]) => l !== layer || j !== neuron);
  if (others.length < silent.length) return others;
  return [...others, [layer, neuron] as const].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

export class Silencer {
  private asked = "";
  private busy = false;
  private silent = false; // whether the server knows of any
  private readonly soon = calm(() => this.follow(), PAUSE_MS);

  constructor(private readonly model: Model & { put(changes: { silence: Silence | null }): void }) {
    for (const name of ["silent", "state", "example"] as const)
      model.on(`change:${name}`, () => this.follow());
    model.on("change:frame", () => {
      if (model.get("silent").length && model.get("state")?.phase === "training") this.soon.ask();
    });
  }

  /** After a new connection, where the server knows of none. */
  again(): void {
    this.asked = "";
    this.silent = false;
    this.follow();
  }

  private part(): string {
    const example = this.model.get("example");
    const rows = this.model.get("state")!.data.rows;
    if ("part" in example) return example.part;
    return rows.test ? "test" : "train";
  }

  /** Asks where something of it is new; while an answer is on its way, afterwards. */
  private async follow(): Promise<void> {
    const { model } = this;
    const [state, neurons] = [model.get("state"), model.get("silent")];
    if (!state || this.busy || model.get("lost") || state.phase === "loading") return;
    if (!neurons.length && !this.silent) return;
    const part = this.part();
    const step = state.phase === "training" ? model.get("frame")?.step : state.step;
    const key = JSON.stringify([neurons, part, state.run, step, state.edits]);
    if (key === this.asked) return;
    [this.asked, this.busy, this.silent] = [key, true, neurons.length > 0];
    try {
      const answer = await model.ask({ do: "silence", neurons, part });
      model.put({ silence: neurons.length ? (answer as unknown as Silence) : null });
    } catch {
      model.put({ silence: null }); // a network that is gone by now: the next state asks
    }
    this.busy = false;
    void this.follow();
  }
}
