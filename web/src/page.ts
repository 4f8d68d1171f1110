// The page's single things: the studio, its values as signals, and what a person can do.

import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { Studio } from "./studio";
import type { Traits } from "./view";

function socketAddress(): string {
  const { protocol, host, search } = location;
  const session = new URLSearchParams(search).get("session");
  const where = `${protocol === "https:" ? "wss" : "ws"}://${host}/socket`;
  return session === null ? where : `${where}?session=${encodeURIComponent(session)}`;
}

export const studio = new Studio(socketAddress());
export const model = studio.model;

function trait<K extends keyof Traits>(name: K): Signal<Traits[K]> {
  const value = signal(model.get(name));
  model.on(`change:${name}`, () => {
    value.value = model.get(name);
  });
  return value;
}

export const state = trait("state");
export const hello = trait("hello");
export const points = trait("history");
export const earlier = trait("earlier");
export const diagnosis = trait("diagnosis");
export const example = trait("example");
export const place = trait("place");
export const lost = trait("lost");
export const stage = trait("stage");
export const theme = trait("theme");
export const still = trait("still");
export const lens = trait("lens");
export const silent = trait("silent");
export const silence = trait("silence");

/** The step that everything on the page shows. */
export const step = signal(0);
for (const name of ["frame", "state"] as const)
  model.on(`change:${name}`, () => {
    step.value = studio.step;
  });

/** A sentence of the server's, or of the page's, to be read and put away. */
export const notice = signal("");
/** What is said in the stage's place while there is no run. */
export const preface = signal("");
export type Tab = "draw" | "recipe" | "inspect" | "time" | "table";
export const tab = signal<Tab>("draw");
/** Which panel or dialog is open, by name. */
export const open = signal("");
export const drawing = signal(false);
/** The sheet over the stage: name of an entry of the slot "opened". */
export const sheet = signal("");
export const projector = signal(false);
export const keysOn = signal(true);
/** How many changes of the recipe were refused: controls then show what is so. */
export const refusals = signal(0);
export const slow = signal(false);
export const slowWords = signal("");
