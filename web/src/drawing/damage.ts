/** What neurons and connections are worth, measured on the server when it is asked for. */

import { silentOf } from "../silencer";
import type { Model } from "../view";
import type { Place } from "../wire";
import { calm } from "./dom";
import { count } from "./format";
import type { Measured } from "./lens";

/** Not more often than this: each is a pass over all examples for every neuron. */
const PAUSE_MS = 1500;

export class Damage {
  readonly measured: Measured = {};
  private of = { run: -1, step: -1, edits: "", silent: "", part: "test", place: "" };
  private trouble = "";
  private readonly soon = calm(() => void this.measure(), PAUSE_MS);

  constructor(
    private readonly model: Model,
    private readonly changed: () => void,
  ) {}

  ask(): void {
    if (this.model.get("lens") === "damage") this.soon.ask();
  }

  stop(): void {
    this.soon.stop();
  }

  /** Of which step it is, and what is not measured yet. */
  text(): string {
    if (this.trouble) return this.trouble;
    const training = this.model.get("state")?.phase === "training";
    if (!this.measured.damage)
      return training
        ? "What neurons are worth is measured when the training is paused."
        : "Measuring what each neuron is worth.";
    const { cut } = this.measured;
    const chosen = cut
      ? ` Connections: those into layer ${cut.layer}, neuron ${cut.neuron + 1}.`
      : " Choose a neuron to measure its connections.";
    return `Measured on the ${this.of.part} examples at step ${count(this.of.step)}.${chosen}`;
  }

  /** Asks what neurons are worth, once for each still network and place. */
  private async measure(): Promise<void> {
    const [state, place] = [this.model.get("state"), this.model.get("place")];
    if (!state || this.model.get("lens") !== "damage") return;
    if (state.phase === "loading" || state.phase === "training") return;
    const part = state.data.rows.test ? "test" : "train";
    const now = {
      run: state.run,
      step: state.step,
      edits: JSON.stringify(state.edits),
      silent: JSON.stringify(silentOf(this.model)),
      part,
      place: place ? `${place.layer}.${place.neuron}` : "",
    };
    const was = this.of;
    const fresh = (["run", "step", "edits", "silent"] as const).every((k) => was[k] === now[k]);
    if (fresh && was.place === now.place) return;
    this.of = now;
    try {
      if (!fresh) await this.neurons(part);
      delete this.measured.cut;
      if (place) await this.cut(place, part);
      this.trouble = "";
    } catch (error) {
      this.of = { ...now, run: -1 };
      this.trouble = (error as Error).message;
    }
    this.changed();
  }

  private async neurons(part: string): Promise<void> {
    const answer = await this.model.ask({ do: "damage", part });
    if (typeof answer["step"] === "number") this.of.step = answer["step"];
    this.measured.damage = Object.fromEntries(
      Object.entries(answer.blocks).map(([name, block]) => [name, block.data.slice()]),
    );
  }

  private async cut(place: Place, part: string): Promise<void> {
    const { layer, neuron } = place;
    const answer = await this.model.ask({ do: "cut", layer, neuron, part });
    const [lost, inputs] = [answer.blocks["lost"], answer["inputs"] as number[] | undefined];
    const n = this.model.get("state")?.sizes[layer - 1] ?? 0;
    if (!lost || !inputs) return;
    const all = new Float32Array(n);
    lost.data.forEach((value, i) => (all[inputs[i]] = value));
    this.measured.cut = { layer, neuron, lost: all };
  }
}
