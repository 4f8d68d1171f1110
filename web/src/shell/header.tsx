// The header: pages, which run this is, undo, link, theme, help.

import * as act from "../actions";
import { number, percent, plural } from "../drawing/format";
import { lost, model, open, projector, silence, silent, state, studio, theme } from "../page";
import { silentNames } from "../silencer";

function Run() {
  const now = state.value;
  if (!now) return null;
  return (
    <span class="run caption">
      {now.data.name} · {now.sizes.join("-")} · seed {now.recipe.seed}
    </span>
  );
}

function Buttons() {
  const other = theme.value === "dark" ? "light" : "dark";
  return (
    <>
      <button type="button" class="button" title="Ctrl Z" onClick={() => void act.undo()}>
        Undo
      </button>
      <button type="button" class="button" title="Ctrl Y" onClick={() => void act.redo()}>
        Redo
      </button>
      <button type="button" class="button" onClick={() => (open.value = "search")}>
        Search
      </button>
      <button
        type="button"
        class="button"
        aria-pressed={projector.value}
        onClick={() => (projector.value = !projector.value)}
      >
        Projector
      </button>
      <button
        type="button"
        class="button"
        aria-label={`Theme: change to ${other}`}
        onClick={() => act.setTheme(other)}
      >
        Theme
      </button>
      <button
        type="button"
        class="button"
        aria-label="Help: all keys"
        onClick={() => (open.value = "help")}
      >
        ?
      </button>
    </>
  );
}

export function Header({ pages }: { pages: string[] }) {
  return (
    <header>
      <h1>pellucid</h1>
      <nav aria-label="Pages">
        {pages.map((page) => (
          <a key={page} class="page" href={location.hash || "#"} aria-current="page">
            {page}
          </a>
        ))}
      </nav>
      <Run />
      <button type="button" class="button" onClick={() => void act.copyLink()}>
        Copy link
      </button>
      <div class="wide-only">
        <Buttons />
      </div>
      <details class="popover narrow-only">
        <summary class="button">Menu</summary>
        <div
          class="menu"
          onClick={(event) => event.currentTarget.closest("details")?.removeAttribute("open")}
        >
          <Buttons />
        </div>
      </details>
    </header>
  );
}

function silentCost(): string {
  const found = silence.value;
  if (!found) return "";
  const { part, rows, before, after } = found;
  const change =
    before.accuracy !== null && after.accuracy !== null
      ? `right ${percent(before.accuracy, rows)} → ${percent(after.accuracy, rows)}`
      : `cost ${number(before.cost)} → ${number(after.cost)}`;
  return `On ${plural(rows, `${part} example`)}: ${change}. `;
}

/** On top while neurons are silenced: which, what it costs, and the way back. */
export function Silenced() {
  if (!silent.value.length) return null;
  const { step, after, before } = silence.value ?? {};
  return (
    <div
      class="silenced"
      data-step={step}
      data-before={before?.accuracy ?? before?.cost}
      data-after={after?.accuracy ?? after?.cost}
    >
      <p>
        <strong>Silenced: {silentNames(silent.value)}.</strong> {silentCost()}Weights, training and
        curves stay as they are.
      </p>
      <button type="button" class="button" onClick={() => model.put({ silent: [] })}>
        Let all speak again
      </button>
    </div>
  );
}

/** On top of the page while there is no server; what was so last stays readable. */
export function Lost() {
  if (!lost.value || !studio.trouble) return null;
  return (
    <p class="lost" role="alert">
      {studio.trouble} What you see is what was so last.
    </p>
  );
}
