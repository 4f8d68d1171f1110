/** Questions to the server of which only the newest matters: one is under way at a time. */

import type { Model } from "../view";
import type { Answer, Command } from "../wire";

export class Latest {
  private waiting: Command | null = null;
  private busy = false;
  private over = false;

  constructor(
    private readonly model: Model,
    private readonly answered: (answer: Answer, command: Command) => void,
    private readonly failed: (sentence: string) => void,
  ) {}

  ask(command: Command): void {
    this.waiting = command;
    if (!this.busy) void this.run();
  }

  private async run(): Promise<void> {
    this.busy = true;
    while (this.waiting && !this.over) {
      const command = this.waiting;
      this.waiting = null;
      try {
        const answer = await this.model.ask(command);
        // An answer to what nobody asks any more is not shown.
        if (!this.waiting && !this.over) this.answered(answer, command);
      } catch (error) {
        if (!this.waiting && !this.over) this.failed((error as Error).message);
      }
    }
    this.busy = false;
  }

  stop(): void {
    this.over = true;
  }
}
