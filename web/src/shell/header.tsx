// The header: pages, which run this is, undo, link, theme, help.

import * as act from "../actions";
import { lost, open, projector, state, studio, theme } from "../page";

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

/** On top of the page while there is no server; what was so last stays readable. */
export function Lost() {
  if (!lost.value || !studio.trouble) return null;
  return (
    <p class="lost" role="alert">
      {studio.trouble} What you see is what was so last.
    </p>
  );
}
