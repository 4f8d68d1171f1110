// Undo and redo. A state of the page is an address, so that to undo is to open an older
// one; what was only looked at differently asks nothing of the server.

import { writeLooks } from "./address";
import type { Looks } from "./address";

export interface Standing {
  link: string;
  looks: Looks;
}

const MOST = 200;

export class Undo {
  private readonly before: Standing[] = [];
  private readonly after: Standing[] = [];

  /** Remembers what was so before a change. */
  remember(standing: Standing): void {
    const last = this.before.at(-1);
    if (last && same(last, standing)) return;
    this.before.push(standing);
    if (this.before.length > MOST) this.before.shift();
    this.after.length = 0;
  }

  /** What was so before, given what is so now; null where there is nothing more. */
  undo(now: Standing): Standing | null {
    return move(this.before, this.after, now);
  }

  redo(now: Standing): Standing | null {
    return move(this.after, this.before, now);
  }
}

function same(one: Standing, other: Standing): boolean {
  return one.link === other.link && writeLooks(one.looks) === writeLooks(other.looks);
}

function move(from: Standing[], to: Standing[], now: Standing): Standing | null {
  while (from.length) {
    const found = from.pop()!;
    if (same(found, now)) continue;
    to.push(now);
    return found;
  }
  return null;
}

