/** The switch that silences the chosen neuron, and what it does and does not change. */

import { isSilent, silentOf, toggled } from "../silencer";
import type { Model } from "../view";
import type { Place } from "../wire";
import { h, say } from "./dom";

export class SilenceSwitch {
  private readonly box = h("input", { type: "checkbox", role: "switch" });
  private readonly note = h("p", { class: "rail-note" });
  readonly el = h(
    "div",
    {},
    h("label", { class: "rail-check" }, this.box, "Silence this neuron"),
    this.note,
  );

  constructor(private readonly model: Model) {
    this.box.addEventListener("change", () => {
      const place = this.model.get("place");
      if (!place) return;
      this.model.set("silent", toggled(silentOf(this.model), place.layer, place.neuron));
      this.model.save_changes();
    });
  }

  show({ layer, neuron }: Place): void {
    const output = layer === (this.model.get("state")?.sizes.length ?? 0) - 1;
    const on = isSilent(silentOf(this.model), layer, neuron);
    this.el.hidden = this.model.get("silent") === undefined;
    this.box.checked = on;
    this.box.disabled = output;
    const hint = output
      ? "An output is the answer itself and can't be silenced."
      : on
        ? "Its activation is 0 in all that is shown here, until it is switched off. Its weights and the training are as they were."
        : "";
    say(this.note, hint);
    this.note.hidden = !hint;
  }
}
