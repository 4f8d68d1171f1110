// The page's centre: one model, one socket, and what passes between them.

import { AT_FIRST } from "./address";
import { sendImage } from "./image";
import { say } from "./say";
import { Silencer } from "./silencer";
import { Socket } from "./socket";
import { Values } from "./values";
import type { Traits, Wanted } from "./view";
import { blocks } from "./wire";
import type { Binary, Command, Hello, Point, State } from "./wire";

/** How soon another frame may come: 40 a second, so that 30 are drawn. */
const FRAME_MS = 25;

type Happening = Record<string, unknown> & { event: string };

/** Commands after which the run is another: they can be undone. */
const CHANGES = new Set(["set", "reset", "new_start", "goto", "open", "open_run", "edit", "unedit"]);

/** What came of a run whose state has not come yet. */
interface Next {
  run: number;
  history: Point[];
  diagnosis: string[];
}

interface Waiting {
  run: number | undefined;
  news: number | undefined;
  done: () => void;
}

/** Whether a state is of this run or later, as new as that, and still. */
function reached(state: State, run = 0, news = 0): boolean {
  const moving = state.phase === "loading" || state.phase === "training";
  return !moving && (state.asked ?? state.run) >= run && (state.news ?? news) >= news;
}

export class Studio {
  readonly model = new Values((command) => this.ask(command), sendImage);
  /** Why there is no server, or "". */
  trouble = "";
  /** The last step that was seen, of a frame or of the state. */
  step = 0;
  /** Is told how things stand before there is any run. */
  preface: (phase: State["phase"], message: string) => void = () => {};
  /** Called before a command that makes another run. */
  beforeChange: () => void = () => {};
  /** Called once the server has said how things stand, again after each loss. */
  joined: (restarted: boolean) => void = () => {};
  private readonly socket: Socket;
  private readonly silencer: Silencer;
  private readonly wanted = new Map<string, Wanted[]>();
  private next: Next = { run: -1, history: [], diagnosis: [] };
  private readonly waiting: Waiting[] = [];
  private newest: Binary | null = null;
  private asked = 0;
  private looking = false;
  private lookAgain = false;
  private fresh = true;
  private started: unknown = null;

  constructor(address: string) {
    this.socket = new Socket(address, {
      event: (event) => this.event(event),
      frame: (frame) => this.arrived(frame),
      open: () => this.opened(),
      trouble: (sentence) => this.tell(sentence),
      lost: (sentence, again) => this.lost(sentence, again),
    });
    for (const name of ["example", "perceptrons"] as const)
      this.model.on(`change:${name}`, () => this.look());
    this.silencer = new Silencer(this.model);
  }

  connect(): void {
    this.socket.connect();
  }

  async ask(command: Command) {
    if (CHANGES.has(command.do)) this.beforeChange();
    document.body.dataset.asked = String(++this.asked);
    try {
      return await this.socket.ask(command);
    } finally {
      document.body.dataset.asked = String(--this.asked);
    }
  }

  /** Asks, and says the server's sentence where it refuses. */
  async order(command: Command) {
    try {
      return await this.ask(command);
    } catch (error) {
      this.tell((error as Error).message);
      return null;
    }
  }

  /** Orders it, and waits until a state says that it is so and nothing moves. */
  async settle(command: Command) {
    const answer = await this.order(command);
    if (!answer) return null;
    const { run, news } = answer as { run?: number; news?: number };
    const state = this.model.get("state");
    if (state && !reached(state, run, news))
      await new Promise<void>((done) => this.waiting.push({ run, news, done }));
    return answer;
  }

  private release(state: State | null): void {
    const waiting = this.waiting.splice(0);
    for (const each of waiting)
      if (!state || reached(state, each.run, each.news)) each.done();
      else this.waiting.push(each);
  }

  /** A sentence for everyone: on top of the page and in the live region. */
  tell: (sentence: string) => void = say;

  /** What a view that is seen wants to find in frames; [] when it is seen no more. */
  want(name: string, kinds: Wanted[]): void {
    if (kinds.length) this.wanted.set(name, kinds);
    else this.wanted.delete(name);
    this.look();
  }

  /** Says what frames shall hold; of many changes only the last is sent. */
  private async look(): Promise<void> {
    if (this.looking) {
      this.lookAgain = true;
      return;
    }
    if (!this.socket.open) return;
    this.looking = true;
    try {
      do {
        this.lookAgain = false;
        const kinds = new Set([...this.wanted.values()].flat());
        if (!this.model.get("state")?.data.plane) kinds.delete("plane");
        await this.order({
          do: "look",
          example: this.model.get("example"),
          blocks: [...kinds],
          perceptrons: this.model.get("perceptrons"),
          every_ms: FRAME_MS,
        });
      } while (this.lookAgain);
    } finally {
      this.looking = false;
    }
  }

  private opened(): void {
    this.fresh = true;
    this.trouble = "";
    this.model.put({ lost: false });
    document.body.dataset.lost = "no";
  }

  private lost(sentence: string, again: boolean): void {
    this.trouble = sentence;
    if (!again) this.trouble += " Load the page again from the address in the terminal.";
    this.newest = null;
    this.model.put({ lost: true });
    this.release(null);
    document.body.dataset.lost = "yes";
    say(this.trouble);
  }

  private event(event: Happening): void {
    const model = this.model;
    if (event.event === "hello") model.put({ hello: event as unknown as Hello });
    else if (event.event === "state") this.state(event as unknown as State);
    else if (event.event === "history") this.history(event);
    else if (event.event === "diagnosis") this.diagnosis(event);
    else if (event.event === "earlier")
      model.put({ earlier: event.runs as Traits["earlier"] });
  }

  private state(state: State): void {
    if (!state.data) {
      document.body.dataset.phase = state.phase;
      return this.preface(state.phase, state.message);
    }
    const before = this.model.get("state");
    const changes: Partial<Traits> = { state };
    if (before?.run !== state.run)
      Object.assign(changes, { frame: null, ...this.early(state.run) });
    this.step = state.step;
    const page = document.body.dataset;
    page.run = String(state.run);
    page.step = String(state.step);
    page.phase = state.phase;
    page.sha = state.weights_sha256 ?? "";
    Object.assign(changes, this.fitting(state));
    this.model.put(changes);
    this.release(state);
    if (before?.data.plane !== state.data.plane || this.fresh) this.look();
    if (this.fresh) {
      this.fresh = false;
      this.silencer.again();
      const started = (this.model.get("hello") as { started?: unknown } | null)?.started;
      const restarted = this.started !== null && started !== this.started;
      this.started = started ?? null;
      this.joined(restarted);
    }
  }

  /** A selection that this network or this data lacks is given up. */
  private fitting(state: State): Partial<Traits> {
    const changes: Partial<Traits> = {};
    const place = this.model.get("place");
    if (place) {
      const here = state.sizes[place.layer] ?? 0;
      const below = state.sizes[place.layer - 1] ?? 0;
      if (place.neuron >= here || (place.input ?? 0) >= below) changes.place = null;
    }
    const [silent, L] = [this.model.get("silent"), state.sizes.length - 1];
    const here = silent.filter(([l, j]) => l < L && j < state.sizes[l]!);
    if (here.length < silent.length) changes.silent = here;
    const example = this.model.get("example");
    const known = this.model.get("state")?.data.name;
    if ("drawn" in example && known && known !== state.data.name)
      changes.example = AT_FIRST.example;
    if ("part" in example) {
      const rows = state.data.rows[example.part as keyof State["data"]["rows"]] ?? 0;
      if (example.index >= rows && state.phase !== "loading")
        changes.example =
          state.data.rows.test > 0 ? AT_FIRST.example : { part: "train", index: 0 };
    }
    return changes;
  }

  /** Curve and findings of a run may come before the state that begins it. */
  private early(run: number): Pick<Traits, "history" | "diagnosis"> {
    const early = this.next.run === run ? this.next : { history: [], diagnosis: [] };
    const { history, diagnosis } = early;
    document.body.dataset.points = String(history.length);
    return { history, diagnosis };
  }

  private history(event: Happening): void {
    const points = event.points as Point[];
    if (event.run !== this.model.get("state")?.run) {
      const known = this.next.run === event.run && !event.whole ? this.next.history : [];
      this.next = { ...this.nextOf(event), history: known.concat(points) };
      return;
    }
    const all = event.whole ? points : this.model.get("history").concat(points);
    document.body.dataset.points = String(all.length);
    this.model.put({ history: all });
  }

  private diagnosis(event: Happening): void {
    const diagnosis = event.findings as string[];
    if (event.run === this.model.get("state")?.run) this.model.put({ diagnosis });
    else this.next = { ...this.nextOf(event), diagnosis };
  }

  private nextOf(event: Happening): Next {
    const run = event.run as number;
    return this.next.run === run ? this.next : { run, history: [], diagnosis: [] };
  }

  private arrived(frame: Binary): void {
    const first = this.newest === null;
    this.newest = frame;
    // While the page is not seen no frame is drawn, so none is acknowledged or sent.
    if (first) requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    const frame = this.newest;
    const state = this.model.get("state");
    this.newest = null;
    if (!frame || !state) return;
    if (frame.run === state.run && frame.layout === state.layout_version) {
      performance.mark("frame");
      this.step = frame.step;
      const { run, step, number } = frame;
      const found = blocks(state.layout, frame.numbers);
      this.model.put({ frame: { run, step, number, blocks: found } });
      document.body.dataset.step = String(step);
      document.body.dataset.frame = String(number);
      performance.measure("frame", "frame");
      performance.clearMarks("frame");
    }
    this.socket.tell({ do: "ack", frame: frame.number });
  }
}
