// What a person can do here, each a sentence in the help and a button somewhere.

import { join, split } from "./address";
import type { Looks } from "./address";
import { count, percent } from "./drawing/format";
import { drawing, model, notice, open, preface, refusals, sheet } from "./page";
import { slow, slowWords, studio } from "./page";
import { say } from "./say";
import { toggled } from "./silencer";
import { Undo } from "./undo";
import type { Standing } from "./undo";
import type { Traits } from "./view";
import type { Place, Recipe, State } from "./wire";

const LOOKS = ["lens", "scope", "edges", "example", "place", "perceptrons", "silent"] as const;
const ADDRESS_PAUSE_MS = 250;
const STAGE_MS = 900;

const undos = new Undo();
let quiet = false; // while a state is gone back to, or slow motion looks about
let held = false; // a slider is being moved: all of it is one change
let remembered = false;
let seen = looks();
let addressTimer: ReturnType<typeof setTimeout> | undefined;

function looks(): Looks {
  return Object.fromEntries(LOOKS.map((name) => [name, model.get(name)])) as Looks;
}

function standing(): Standing {
  return { link: model.get("state")?.link ?? "", looks: seen };
}

function remember(): void {
  if (quiet || (held && remembered) || !model.get("state")) return;
  remembered = true;
  undos.remember(standing());
}

export function hold(on: boolean): void {
  held = on;
  if (on) remembered = false;
}

/** The address says what is so, once nothing has changed for a moment. */
function writeAddress(): void {
  clearTimeout(addressTimer);
  addressTimer = setTimeout(() => {
    const link = model.get("state")?.link;
    if (link !== undefined && !model.get("lost"))
      history.replaceState(null, "", `#${join(link, looks())}`);
  }, ADDRESS_PAUSE_MS);
}

async function openLink(link: string): Promise<boolean> {
  if (link === model.get("state")?.link) return true;
  return (await studio.settle({ do: "open", link })) !== null;
}

async function goBackTo(found: Standing | null, word: string): Promise<void> {
  if (!found) return say(`There is nothing to ${word}.`);
  quiet = true;
  try {
    if (await openLink(found.link)) model.put(found.looks);
  } finally {
    seen = looks();
    quiet = false;
  }
}

export const undo = () => goBackTo(undos.undo({ ...standing(), looks: looks() }), "undo");
export const redo = () => goBackTo(undos.redo({ ...standing(), looks: looks() }), "redo");

/** What joins the page, its address and the server. */
export function start(): void {
  studio.beforeChange = remember;
  studio.tell = (sentence) => {
    notice.value = sentence;
    say(sentence);
  };
  studio.preface = (phase, message) => {
    preface.value = message || `${PHASES[phase]}.`;
    say(preface.value);
  };
  let wanted = split(location.hash);
  model.put(wanted.looks);
  seen = looks();
  studio.joined = async (restarted) => {
    if (wanted.link) {
      const { link, looks: there } = wanted;
      wanted = { link: "", looks: looks() };
      quiet = true;
      // The run that was here before may have had no such neuron or example.
      if (await openLink(link)) model.put(there);
      seen = looks();
      quiet = false;
      document.body.dataset.opened = "yes";
    } else if (restarted) await resume();
    writeAddress();
  };
  for (const name of LOOKS)
    model.on(`change:${name}`, () => {
      remember();
      seen = looks();
      writeAddress();
    });
  let last: State | null = null;
  model.on("change:state", () => {
    const state = model.get("state");
    if (state && !model.get("lost")) announce(last, state);
    if (state) document.title = `${state.data.name} ${state.sizes.join("-")} · pellucid`;
    last = state;
    writeAddress();
  });
  addEventListener("hashchange", async () => {
    const there = split(location.hash);
    if (there.link && !(await openLink(there.link))) return;
    model.put(there.looks);
  });
  model.on("change:lost", () => {
    if (model.get("lost")) keepForResume();
  });
  studio.connect();
}

let lastSeen: { link: string; step: number; training: boolean } | null = null;

function keepForResume(): void {
  const state = model.get("state");
  if (!state) return;
  const training = state.phase === "training";
  lastSeen = { link: state.link, step: studio.step, training };
}

/** The server was started anew: the run that was here goes on from where it was. */
async function resume(): Promise<void> {
  if (!lastSeen) return;
  const { link, step, training } = lastSeen;
  quiet = true;
  try {
    if (!(await openLink(link))) return;
    if (model.get("state")?.step !== step) await studio.settle({ do: "goto", step });
    if (training) await studio.order({ do: "train" });
    say(`The server is back, and the run is at step ${count(step)} again.`);
  } finally {
    quiet = false;
  }
}

const PHASES: Record<State["phase"], string> = {
  ready: "Ready to train",
  loading: "The data are being read",
  training: "Training",
  paused: "Paused",
  ended: "The training has ended",
  diverged: "The training has diverged",
  failed: "The run failed",
};

/** The result of a run that ended, as far as its curve tells. */
function resultWords(state: State): string {
  const last = model.get("history").findLast((point) => point.accuracy !== null);
  if (state.phase !== "ended" || !last?.part) return "";
  const rows = state.data.rows[last.part as keyof State["data"]["rows"]] ?? 1000;
  return `: ${percent(last.accuracy!, rows)} of the ${last.part} examples are answered rightly`;
}

/** How things stand, in a sentence. */
export function standingWords(state: State): string {
  return `${PHASES[state.phase]}${resultWords(state)}. ${state.message}`.trim();
}

function announce(before: State | null, now: State): void {
  if (before?.phase === now.phase && before.run === now.run) return;
  const at = now.phase === "paused" ? ` At step ${count(now.step)}.` : "";
  say(standingWords(now) + at);
}

/** The recipe with some words changed, trained at once. A value that comes while one
 * is on its way waits for the answer, and of several that wait only the last is sent. */
let next: Partial<Recipe> | null = null;
let sending: Promise<void> | null = null;

export function setRecipe(changes: Partial<Recipe>, train = true): Promise<void> {
  stopSlow();
  next = { ...next, ...changes };
  sending ??= (async () => {
    while (next) {
      const recipe = next;
      next = null;
      const answer = await studio.order({ do: "set", recipe, train });
      if (!answer) refusals.value++;
    }
    sending = null;
  })();
  return sending;
}

export function trainOrPause(): void {
  if (slow.value) return stopSlow();
  const training = model.get("state")?.phase === "training";
  void studio.order({ do: training ? "pause" : "train" });
}

export const oneBatch = () => void studio.order({ do: "step", batches: 1 });
export const oneEpoch = () => void studio.order({ do: "step", epochs: 1 });

export function reset(): void {
  stopSlow();
  void studio.order({ do: "reset" });
}

export function newStart(): void {
  stopSlow();
  void studio.order({ do: "new_start" });
}

export const goTo = (step: number) => void studio.order({ do: "goto", step });

/** The nearest recorded point before or after this step. */
export function alongTime(way: -1 | 1): void {
  const steps = [0, ...model.get("history").map((point) => point.step)];
  const now = studio.step;
  const there =
    way < 0 ? steps.findLast((step) => step < now) : steps.find((step) => step > now);
  if (there !== undefined) goTo(there);
}

/** Stages of one step, in the order in which they light up. */
export function stageWords(stage: number, state: State): string {
  const L = state.sizes.length - 1;
  if (stage === 0) return "The example goes in.";
  if (stage <= L) {
    const name = stage === L ? "The output layer" : `Layer ${stage}`;
    return `${name}: z = w · a + b, then a = ${state.activations[stage - 1]}(z).`;
  }
  if (stage === L + 1) return "The cost compares the outputs with what was wanted.";
  const layer = 2 * L + 2 - stage;
  if (layer > 0)
    return `What the example wants of ${layer === L ? "the output layer" : `layer ${layer}`}, passed back.`;
  return "Every weight and bias moves by −η times the average over the mini-batch.";
}

const rest = (ms: number) => new Promise((done) => setTimeout(done, ms));

export function stopSlow(): void {
  slow.value = false;
}

/** One mini-batch after the other, each stage lit in its turn. */
export async function slowMotion(): Promise<void> {
  if (slow.value) return stopSlow();
  slow.value = true;
  const before = model.get("example");
  quiet = true;
  try {
    await studio.settle({ do: "pause" });
    while (slow.value && (await oneSlowStep()));
  } finally {
    slow.value = false;
    slowWords.value = "";
    model.put({ stage: null, example: before });
    seen = looks();
    quiet = false;
  }
}

async function oneSlowStep(): Promise<boolean> {
  const state = model.get("state");
  const answer = state && (await studio.order({ do: "stages" }));
  if (!state || !answer) return false;
  const rows = (answer.rows ?? answer.indices ?? []) as number[];
  if (rows.length) model.put({ example: { part: "train", index: rows[0]! } });
  const batch = `Mini-batch of ${rows.length}; shown: train example ${rows[0]}.`;
  const last = 2 * state.sizes.length;
  for (let stage = 0; stage <= last && slow.value; stage++) {
    slowWords.value = `${stageWords(stage, state)} ${batch}`;
    say(stageWords(stage, state));
    model.put({ stage });
    await rest(STAGE_MS);
  }
  return slow.value && (await studio.settle({ do: "step", batches: 1 })) !== null;
}

export async function openEarlier(link: string): Promise<void> {
  stopSlow();
  await openLink(link);
}

/** The run as a folder, as the command line writes it. */
export async function keepRun(): Promise<void> {
  const answer = await studio.order({ do: "keep" });
  if (!answer) return;
  const kept = `The run is kept in ${String(answer.folder)}`;
  const step = Number(answer.step).toLocaleString("en");
  const further = `, paused at step ${step}. Go on with: ${String(answer.resume)}`;
  studio.tell(answer.resume ? kept + further : `${kept}.`);
}

export interface Folder {
  name: string;
  status: string;
  date: string;
  sentence: string;
  accuracy: number | null;
  part: string | null;
  why: string;
}

/** The run in a folder, where its files say it stands; whether it could be opened. */
export async function openFolder(name: string): Promise<boolean> {
  stopSlow();
  const answer = await studio.settle({ do: "open_run", name });
  if (answer) studio.tell(`Opened: ${String(answer.sentence)}`);
  return answer !== null;
}

export async function saveModel(): Promise<void> {
  const answer = await studio.order({ do: "export", what: "model" });
  if (!answer) return;
  const link = document.createElement("a");
  link.href = String(answer.path);
  link.download = String(answer.name);
  link.click();
}

export const takeEditsBack = () => void studio.order({ do: "unedit", all: true });

export function select(place: Place | null): void {
  model.put({ place });
}

/** A hidden neuron silenced, or speaking again. */
export function silence(layer: number, neuron: number): void {
  const L = (model.get("state")?.sizes.length ?? 0) - 1;
  if (layer < 1 || layer >= L) return say("Only hidden neurons can be silenced.");
  model.put({ silent: toggled(model.get("silent"), layer, neuron) });
}

export function look(changes: Partial<Traits>): void {
  model.put(changes);
}

export async function nextMistake(): Promise<void> {
  const now = model.get("example");
  const part = "part" in now ? now.part : "test";
  const after = "part" in now ? now.index : -1;
  const answer = await studio.order({ do: "mistake", part, after });
  if (!answer) return;
  if (typeof answer.index === "number")
    model.put({ example: { part, index: answer.index } });
  else studio.tell(`The network answers every ${part} example after this one rightly.`);
}

export async function copyLink(): Promise<void> {
  const answer = await studio.ask({ do: "link" }).catch(() => null);
  const link = (answer?.link as string | undefined) ?? model.get("state")?.link ?? "";
  const address = `${location.origin}/#${join(link, looks())}`;
  try {
    await navigator.clipboard.writeText(address);
    studio.tell("The link is copied. Opened anywhere, it makes this run again.");
  } catch {
    studio.tell(`Copy this address: ${address}`);
  }
}

export function setTheme(theme: "light" | "dark"): void {
  document.documentElement.dataset.theme = theme;
  model.put({ theme });
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // A browser that stores nothing forgets the theme.
  }
}

export function firstTheme(): "light" | "dark" {
  try {
    const kept = localStorage.getItem("theme");
    if (kept === "light" || kept === "dark") return kept;
  } catch {
    // as above
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Escape: what lies on top goes first, then the selection. */
export function giveUp(): void {
  const popover = document.querySelector<HTMLDetailsElement>("details.popover[open]");
  if (open.value) open.value = "";
  else if (popover) popover.open = false;
  else if (sheet.value) sheet.value = "";
  else if (drawing.value) drawing.value = false;
  else if (slow.value) stopSlow();
  else if (notice.value) notice.value = "";
  else select(null);
}
