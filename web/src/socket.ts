// The socket: commands with their answers, events, frames; it comes back by itself.

import { blocks, decode } from "./wire";
import type { Answer, Binary, Command, Lot } from "./wire";

export interface Hooks {
  event(event: Record<string, unknown> & { event: string }): void;
  frame(frame: Binary): void;
  open(): void;
  /** What came could not be read, or not be shown. */
  trouble(sentence: string): void;
  /** Lost, with a sentence; `again` is false where coming back is no use. */
  lost(sentence: string, again: boolean): void;
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4000;
/** A connection that held for so long was a good one. */
const GOOD_MS = 3000;

export class Socket {
  private socket: WebSocket | null = null;
  private number = 0;
  private wait = FIRST_WAIT_MS;
  private readonly waiting = new Map<number, Waiting>();
  /** An answer whose numbers come in the next binary message. */
  private readonly half = new Map<number, Answer>();

  constructor(
    private readonly address: string,
    private readonly hooks: Hooks,
  ) {}

  connect(): void {
    const socket = new WebSocket(this.address);
    socket.binaryType = "arraybuffer";
    const began = performance.now();
    socket.onopen = () => this.hooks.open();
    socket.onmessage = ({ data }) => {
      try {
        if (typeof data === "string") this.text(JSON.parse(data));
        else this.binary(decode(data));
      } catch (error) {
        this.hooks.trouble((error as Error).message);
      }
    };
    socket.onclose = ({ code, reason }) => {
      if (performance.now() - began > GOOD_MS) this.wait = FIRST_WAIT_MS;
      this.closed(code, reason);
    };
    this.socket = socket;
  }

  get open(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  ask(command: Command): Promise<Answer> {
    if (!this.open)
      return Promise.reject(new Error("There is no server at the moment."));
    const id = ++this.number;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket!.send(JSON.stringify({ id, ...command }));
    });
  }

  /** Sends what gets no answer. */
  tell(command: Command): void {
    if (this.open) this.socket!.send(JSON.stringify(command));
  }

  private text(message: Record<string, unknown>): void {
    if (typeof message.event === "string") {
      this.hooks.event(message as Record<string, unknown> & { event: string });
      return;
    }
    const id = message.id as number;
    if (!message.ok) this.settle(id, new Error(String(message.error)));
    else if (message.blocks) this.half.set(id, message as Answer);
    else this.settle(id, { ...message, blocks: {} });
  }

  private binary(message: Binary): void {
    if (message.kind === "frame") return this.hooks.frame(message);
    const answer = this.half.get(message.number);
    if (!answer) return;
    this.half.delete(message.number);
    const layout = answer.blocks as unknown as Lot[];
    this.settle(message.number, { ...answer, blocks: blocks(layout, message.numbers) });
  }

  private settle(id: number, outcome: Answer | Error): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (outcome instanceof Error) waiting?.reject(outcome);
    else waiting?.resolve(outcome);
  }

  private closed(code: number, reason: string): void {
    const lost = new Error("The server went away before it answered.");
    for (const id of [...this.waiting.keys()]) this.settle(id, lost);
    this.half.clear();
    const refused = code >= 4000 && code <= 4010;
    this.hooks.lost(
      reason || "The server is not there; the page asks for it again and again.",
      !refused,
    );
    if (refused) return;
    setTimeout(() => this.connect(), this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT_MS);
  }
}
