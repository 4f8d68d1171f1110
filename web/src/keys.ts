// All keys, in one table: the help shows it, and one listener acts on it.

import * as act from "./actions";
import { LENSES } from "./address";
import { walk } from "./drawing/hit";
import { NARROW } from "./drawing/layout";
import { drawing, keysOn, model, open, projector, sheet, state } from "./page";
import { explained, tableOf } from "./shell/frame";
import type { Entry } from "./view";

export interface Key {
  /** As event.key gives it. */
  keys: string[];
  shown: string;
  words: string;
  act: (key: string) => void;
  control?: boolean;
}

const STAGE_KEYS = [
  "ArrowLeft",
  "ArrowRight",
  "ArrowUp",
  "ArrowDown",
  "PageUp",
  "PageDown",
  "Home",
  "End",
];

function move(key: string): void {
  const now = state.value;
  if (!now) return;
  const narrow = innerWidth < NARROW;
  const { layer, neuron } = walk(now.sizes, model.get("place"), key, narrow);
  model.put({ place: { layer, neuron, input: null } });
}

function stageName(entries: Entry[]): string {
  return entries.find((entry) => entry.slot === "stage")?.name ?? "";
}

export function table(entries: Entry[]): Key[] {
  const shownSheets = entries.filter((entry) => entry.slot === "opened");
  const toSheet = (key: string) => {
    const found = shownSheets.find((entry) => entry.name.startsWith(key));
    if (found) sheet.value = sheet.value === found.name ? "" : found.name;
  };
  return [
    { keys: [" "], shown: "Space", words: "Train or pause", act: act.trainOrPause },
    { keys: ["."], shown: ".", words: "Train on one mini-batch", act: act.oneBatch },
    { keys: [">"], shown: ">", words: "Train one epoch", act: act.oneEpoch },
    { keys: ["s"], shown: "s", words: "Slow motion, stage after stage", act: () => void act.slowMotion() },
    { keys: ["["], shown: "[", words: "Back in time to the recorded point before", act: () => act.alongTime(-1) },
    { keys: ["]"], shown: "]", words: "Forth to the recorded point after", act: () => act.alongTime(1) },
    { keys: STAGE_KEYS, shown: "← → ↑ ↓", words: "Walk over the neurons: to another layer, within one", act: move },
    {
      keys: ["1", "2", "3", "4", "5"],
      shown: "1 … 5",
      words: `Lens: ${LENSES.join(", ")}`,
      act: (key: string) => model.put({ lens: LENSES[Number(key) - 1]! }),
    },
    { keys: ["d"], shown: "d", words: "Draw an example", act: () => (drawing.value = !drawing.value) },
    { keys: ["n"], shown: "n", words: "Next example that is answered wrongly", act: () => void act.nextMistake() },
    {
      keys: ["x"],
      shown: "x",
      words: "Silence the chosen neuron, or let it speak again",
      act: () => {
        const place = model.get("place");
        if (place) act.silence(place.layer, place.neuron);
      },
    },
    { keys: ["t"], shown: "t", words: "The numbers on the stage as a table", act: () => (tableOf.value = stageName(entries)) },
    {
      keys: ["e"],
      shown: "e",
      words: "Explain the picture, with its formula",
      act: () => (explained.value = explained.value ? "" : stageName(entries)),
    },
    {
      keys: [...new Set(shownSheets.map((entry) => entry.name[0]!))],
      shown: shownSheets.map((entry) => entry.name[0]!).join(", "),
      words: `Open or close: ${shownSheets.map((entry) => entry.button ?? entry.name).join(", ")}`,
      act: toSheet,
    },
    { keys: ["r"], shown: "r", words: "Reset: the same seed, step 0", act: act.reset },
    { keys: ["p"], shown: "p", words: "Projector: larger type, no rails", act: () => (projector.value = !projector.value) },
    { keys: ["k"], shown: "k", words: "Kept runs: the folders, to be opened", act: () => (open.value = "runs") },
    { keys: ["/"], shown: "/", words: "Search a neuron, an example, a setting", act: () => (open.value = "search") },
    { keys: ["?"], shown: "?", words: "This help", act: () => (open.value = open.value ? "" : "help") },
    { keys: ["Escape"], shown: "Esc", words: "Close what lies on top; then give the selection up", act: act.giveUp },
    { keys: ["z"], control: true, shown: "Ctrl Z", words: "Undo", act: () => void act.undo() },
    { keys: ["y", "Z"], control: true, shown: "Ctrl Y", words: "Redo", act: () => void act.redo() },
  ].filter((key) => key.keys.length > 0);
}

/** Whether the element needs this key for itself. */
function taken(event: KeyboardEvent): boolean {
  const at = event.target;
  if (!(at instanceof Element)) return false;
  if (at.closest("dialog")) return true;
  const own = "input, textarea, select, [contenteditable], [role=slider], [role=listbox], [data-keys=own]";
  if (at.closest(own)) return event.key !== "Escape" && !undoes(event, at);
  if (at.closest(".scroll") && STAGE_KEYS.includes(event.key)) return true;
  return event.key === " " && at.closest("button, summary, a") !== null;
}

/** A slider has no undo of its own, a field of text has. */
function undoes(event: KeyboardEvent, at: Element): boolean {
  return (
    (event.ctrlKey || event.metaKey) &&
    at instanceof HTMLInputElement &&
    at.type === "range"
  );
}

export function listen(entries: Entry[]): void {
  const keys = table(entries);
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || taken(event)) return;
    const control = event.ctrlKey || event.metaKey;
    const found = keys.find(
      (key) => key.keys.includes(event.key) && (key.control ?? false) === control,
    );
    if (!found || (!keysOn.value && !control && event.key !== "Escape")) return;
    event.preventDefault();
    found.act(event.key);
  });
}
