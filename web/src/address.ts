// The address after "#": the server's link of the run, "~", then the page's own words:
//   data=mnist&...~lens=weights&example=test.3&place=1.6.bias
// The first makes the run again, bit for bit; the second says what was looked at.

import type { Lens, Scope, Silent, Traits } from "./view";
import type { Example, Place } from "./wire";

export const LENSES: readonly Lens[] = [
  "activation",
  "weights",
  "wishes",
  "nudges",
  "damage",
];
const SCOPES: readonly Scope[] = ["neuron", "layer", "network"];
/** As many as the server takes at once. */
const MOST_SILENT = 256;
const PARTS = ["train", "validation", "test"];

export type Looks = Pick<
  Traits,
  "lens" | "scope" | "edges" | "example" | "place" | "perceptrons" | "silent"
>;

export const AT_FIRST: Looks = {
  lens: "activation",
  scope: "layer",
  edges: 160,
  example: { part: "test", index: 0 },
  place: null,
  perceptrons: false,
  silent: [],
};

function exampleWord(example: Example): string {
  return "drawn" in example ? "drawn" : `${example.part}.${example.index}`;
}

function placeWord({ layer, neuron, input }: Place): string {
  return `${layer}.${neuron}.${input ?? "bias"}`;
}

function whole(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function readExample(word: string): Example | null {
  const [part = "", number] = word.split(".");
  const index = whole(number);
  return PARTS.includes(part) && index !== null ? { part, index } : null;
}

function readPlace(word: string): Place | null {
  const [first, second, third] = word.split(".");
  const layer = whole(first);
  const neuron = whole(second);
  const input = whole(third);
  if (!layer || neuron === null) return null;
  return third === "bias" || input !== null ? { layer, neuron, input } : null;
}

/** Such as 1.2,2.5: of each the layer from 1 and the neuron from 0. */
function readSilent(word: string): Silent {
  const found = new Map<string, readonly [number, number]>();
  for (const each of word.split(",").slice(0, MOST_SILENT)) {
    const [layer, neuron] = each.split(".").map(whole);
    if (layer && neuron != null) found.set(`${layer}.${neuron}`, [layer, neuron]);
  }
  return [...found.values()];
}

/** Only what differs from the first look is written. */
export function writeLooks(looks: Looks): string {
  const words: string[] = [];
  if (looks.lens !== AT_FIRST.lens) words.push(`lens=${looks.lens}`);
  if (looks.scope !== AT_FIRST.scope) words.push(`scope=${looks.scope}`);
  if (looks.edges !== AT_FIRST.edges) words.push(`edges=${looks.edges}`);
  const example = exampleWord(looks.example);
  // What was drawn by hand is not in an address.
  if (example !== exampleWord(AT_FIRST.example) && example !== "drawn")
    words.push(`example=${example}`);
  if (looks.place) words.push(`place=${placeWord(looks.place)}`);
  if (looks.perceptrons) words.push("perceptrons=yes");
  if (looks.silent.length) words.push(`silent=${looks.silent.map((one) => one.join(".")).join(",")}`);
  return words.join("&");
}

export function readLooks(text: string): Looks {
  const words = new URLSearchParams(text);
  const lens = words.get("lens") as Lens;
  const scope = words.get("scope") as Scope;
  return {
    lens: LENSES.includes(lens) ? lens : AT_FIRST.lens,
    scope: SCOPES.includes(scope) ? scope : AT_FIRST.scope,
    edges: whole(words.get("edges") ?? undefined) ?? AT_FIRST.edges,
    example: readExample(words.get("example") ?? "") ?? AT_FIRST.example,
    place: readPlace(words.get("place") ?? ""),
    perceptrons: words.get("perceptrons") === "yes",
    silent: readSilent(words.get("silent") ?? ""),
  };
}

/** The run of the defaults has nothing to say, and still is a run to be opened. */
const DEFAULTS = "step=0";

export function join(link: string, looks: Looks): string {
  const words = writeLooks(looks);
  return words ? `${link || DEFAULTS}~${words}` : link || DEFAULTS;
}

/** What the hash of an address says: the run's link ("" for none) and the looks. */
export function split(hash: string): { link: string; looks: Looks } {
  const text = hash.replace(/^#/, "");
  const at = text.indexOf("~");
  const link = at < 0 ? text : text.slice(0, at);
  return { link, looks: readLooks(at < 0 ? "" : text.slice(at + 1)) };
}
