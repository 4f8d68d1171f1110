// Search: a neuron ("2.5", "layer 2 neuron 5"), an example ("test 12"), a setting.

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { LENSES } from "../address";
import type { Key } from "../keys";
import { model, open, state, tab } from "../page";
import type { State } from "../wire";
import { Dialog } from "./dialog";

interface Hit {
  words: string;
  go: () => void;
}

const MOST = 12;

function toSetting(id: string): void {
  tab.value = "recipe";
  const control = document.getElementById(id);
  control?.closest("details")?.setAttribute("open", "");
  control?.scrollIntoView({ block: "center" });
  control?.focus();
}

function settings(): Hit[] {
  return [...document.querySelectorAll<HTMLLabelElement>(".recipe label[for]")].map(
    (label) => ({
      words: `Setting: ${label.textContent}`,
      go: () => toSetting(label.htmlFor),
    }),
  );
}

/** Neurons and examples are found by their numbers. */
function numbered(query: string, state: State): Hit[] {
  const [first, second] = [...query.matchAll(/\d+/g)].map(Number);
  if (first === undefined) return [];
  const hits: Hit[] = [];
  // As the picture counts them: from 1.
  if (second && first >= 1 && second <= (state.sizes[first] ?? 0))
    hits.push({
      words: `Layer ${first}, neuron ${second}`,
      go: () =>
        model.put({ place: { layer: first, neuron: second - 1, input: null } }),
    });
  for (const part of ["test", "validation", "train"] as const)
    if (first < state.data.rows[part])
      hits.push({
        words: `Example: ${part} ${first}`,
        go: () => model.put({ example: { part, index: first } }),
      });
  return hits;
}

function find(query: string, keys: Key[]): Hit[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const now = state.value;
  const fixed: Hit[] = [
    ...settings(),
    ...LENSES.map((lens) => ({ words: `Lens: ${lens}`, go: () => model.put({ lens }) })),
    ...keys
      .filter((key) => key.keys.length === 1)
      .map((key) => ({ words: key.words, go: () => key.act(key.keys[0]!) })),
  ];
  const matching = fixed.filter((hit) =>
    words.every((word) => hit.words.toLowerCase().includes(word)),
  );
  return [...(now ? numbered(query, now) : []), ...matching].slice(0, MOST);
}

export function Search({ keys }: { keys: Key[] }) {
  const query = useSignal("");
  const at = useSignal(0);
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.focus(), []);
  const hits = find(query.value, keys);
  const chosen = Math.min(at.value, hits.length - 1);
  const take = (hit: Hit | undefined) => {
    if (!hit) return;
    open.value = "";
    setTimeout(hit.go); // once the dialog has given the focus back
  };
  return (
    <Dialog title="Search" close={() => (open.value = "")}>
      <label for="search-field">A neuron (2.5), an example (test 12), a setting</label>
      <input
        id="search-field"
        ref={input}
        type="text"
        role="combobox"
        autocomplete="off"
        aria-expanded={hits.length > 0}
        aria-controls="search-hits"
        aria-activedescendant={hits.length ? `hit-${chosen}` : undefined}
        value={query.value}
        onInput={(event) => {
          query.value = event.currentTarget.value;
          at.value = 0;
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") at.value = Math.min(chosen + 1, hits.length - 1);
          else if (event.key === "ArrowUp") at.value = Math.max(chosen - 1, 0);
          else if (event.key === "Enter") take(hits[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <ul id="search-hits" role="listbox" aria-label="Found">
        {hits.map((hit, i) => (
          <li
            key={hit.words}
            id={`hit-${i}`}
            role="option"
            aria-selected={i === chosen}
            onClick={() => take(hit)}
          >
            {hit.words}
          </li>
        ))}
      </ul>
      {!hits.length && <p class="caption">Nothing here has that name or number.</p>}
    </Dialog>
  );
}
