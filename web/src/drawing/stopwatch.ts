import { fixed } from "./format";

const FRAMES = 30;

/** How long the script of a frame takes, for who measures it. */
export class Stopwatch {
  private times: number[] = [];

  /** Writes the median and the worst of the last frames into the element's data. */
  took(ms: number, el: HTMLElement): void {
    if (this.times.push(ms) < FRAMES) return;
    const sorted = this.times.sort((one, other) => one - other);
    el.dataset["ms"] = fixed(sorted[FRAMES / 2], 2);
    el.dataset["msWorst"] = fixed(sorted[FRAMES - 1], 2);
    this.times = [];
  }
}
