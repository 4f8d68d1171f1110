// The page's one store: values by name, on anywidget's contract. A change is told when
// save_changes is called, as there, once per name.

import { AT_FIRST } from "./address";
import type { Model, Traits } from "./view";
import type { Answer, Command } from "./wire";

type Listener = () => void;

const START: Traits = {
  ...AT_FIRST,
  silence: null,
  state: null,
  hello: null,
  history: [],
  earlier: [],
  diagnosis: [],
  frame: null,
  stage: null,
  theme: "light",
  still: false,
  lost: true,
};

export class Values implements Model {
  /** Told of every change, and of every answer once the view that asked has taken it. */
  readonly heard = new Set<Listener>();
  private readonly values: Traits;
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly changed = new Set<keyof Traits>();

  constructor(
    private readonly send: (command: Command) => Promise<Answer>,
    readonly upload: (file: File) => Promise<number>,
    start: Partial<Traits> = {},
  ) {
    this.values = { ...START, ...start };
  }

  ask(command: Command): Promise<Answer> {
    const asked = this.send(command);
    const told = () => setTimeout(() => this.tell());
    asked.then(told, told);
    return asked;
  }

  get<K extends keyof Traits>(name: K): Traits[K] {
    return this.values[name];
  }

  set<K extends keyof Traits>(name: K, value: Traits[K]): void {
    if (this.values[name] === value) return;
    this.values[name] = value;
    this.changed.add(name);
  }

  save_changes(): void {
    const names = [...this.changed];
    this.changed.clear();
    for (const name of names)
      for (const listener of [...(this.listeners.get(`change:${name}`) ?? [])])
        listener();
    if (names.length) this.tell();
  }

  private tell(): void {
    for (const listener of [...this.heard]) listener();
  }

  /** Sets some and tells it. */
  put(changes: Partial<Traits>): void {
    for (const name of Object.keys(changes) as (keyof Traits)[])
      this.set(name, changes[name] as never);
    this.save_changes();
  }

  on(event: `change:${keyof Traits}`, listener: Listener): void {
    const known = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, known.add(listener));
  }

  off(event: `change:${keyof Traits}`, listener: Listener): void {
    this.listeners.get(event)?.delete(listener);
  }
}
