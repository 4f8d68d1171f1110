/** How the cost goes as one parameter moves: measured at some points, beside the straight
 * line that the gradient predicts. */

import type { Model } from "../view";
import type { Place } from "../wire";
import { s } from "./dom";
import { number, signedNumber } from "./format";
import { keyOfPlace } from "./places";
import { largest, linear } from "./scale";

/** Nudges at which the cost is measured. */
const AT = [-1, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1];
const [WIDTH, HEIGHT] = [272, 116];

export interface Curve {
  points: readonly Point[];
  slope: number;
}

/** The curve of each page, to be taken away as a figure. */
export const curves = new WeakMap<Model, Curve>();

interface Point {
  by: number;
  change: number;
}

export class NudgeCurve {
  readonly el = s("svg", { class: "rail-graph", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  private key = "";
  private points: Point[] = [];
  private slope = 0;
  private by = 0;

  constructor(private readonly model: Model) {
    this.hide();
  }

  /** Measures anew where `key` is another; one question after the other. */
  async measure(key: string, place: Place, example: unknown): Promise<void> {
    const asked = `${key}|${keyOfPlace(place)}`;
    if (asked === this.key) return;
    this.key = asked;
    this.points = [{ by: 0, change: 0 }];
    this.hide();
    curves.delete(this.model);
    for (const by of AT) {
      const answer = await this.model.ask({ do: "nudge", place, by, example });
      if (asked !== this.key) return;
      if (typeof answer["measured"] !== "number") return;
      this.points.push({ by, change: answer["measured"] });
      this.slope = Number(answer["gradient"]);
    }
    this.points.sort((one, other) => one.by - other.by);
    curves.set(this.model, { points: this.points, slope: this.slope });
    this.draw();
  }

  /** Moves the dot. */
  at(by: number): void {
    this.by = by;
    this.draw();
  }

  hide(): void {
    this.el.setAttribute("hidden", "");
    this.el.replaceChildren();
  }

  private draw(): void {
    if (this.points.length <= AT.length) return;
    this.el.removeAttribute("hidden");
    const measured = this.points.map(({ change }) => change);
    const most = Math.max(largest(measured), Math.abs(this.slope)) || 1;
    const x = linear(-1, 1, 8, WIDTH - 8);
    const y = linear(-most, most, HEIGHT - 22, 8);
    const line = (points: readonly Point[]) =>
      points.map(({ by, change }, i) => `${i ? "L" : "M"}${x.at(by)} ${y.at(change)}`).join("");
    const straight = [-1, 1].map((by) => ({ by, change: by * this.slope }));
    const words = `Measured change of cost from δ = −1 to 1: ${measured.map((c) => signedNumber(c)).join(", ")}`;
    this.el.setAttribute("aria-label", words);
    this.el.replaceChildren(
      s("line", { class: "axis", x1: 8, x2: WIDTH - 8, y1: y.at(0), y2: y.at(0) }),
      s("line", { class: "axis", x1: x.at(0), x2: x.at(0), y1: 8, y2: HEIGHT - 22 }),
      s("path", { class: "curve step", d: line(straight) }),
      s("path", { class: "curve on", d: line(this.points) }),
      s("circle", { class: "dot", cx: x.at(this.by), cy: y.at(this.by * this.slope), r: 4 }),
      s("text", { x: 8, y: 12 }, `ΔC ±${number(most, 2)}`),
      s("text", { x: 8, y: HEIGHT - 4 }, "δ = −1"),
      s(
        "text",
        { x: WIDTH / 2, y: HEIGHT - 4, "text-anchor": "middle" },
        "— measured   - - predicted",
      ),
      s("text", { x: WIDTH - 8, y: HEIGHT - 4, "text-anchor": "end" }, "1"),
    );
  }
}
