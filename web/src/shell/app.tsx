// The page: one stage, two rails, the time bar; on a narrow screen tabs below the stage.

import { useEffect, useRef } from "preact/hooks";
import { drawing, lost, notice, open, place, preface, model, projector, sheet, state, tab } from "../page";
import type { Tab } from "../page";
import { giveUp } from "../actions";
import type { Key } from "../keys";
import type { Entry } from "../view";
import { Examples } from "./examples";
import { Frame, tableOf } from "./frame";
import { Header, Lost, Silenced } from "./header";
import { Help } from "./help";
import { Recipe } from "./recipe";
import { Runs } from "./runs";
import { Search } from "./search";
import { Quick, Time } from "./time";
import { Upload } from "./upload";

interface Props {
  views: Entry[];
  keys: Key[];
}

const TABS: [Tab, string][] = [
  ["draw", "Draw"],
  ["recipe", "Recipe"],
  ["inspect", "Inspect"],
  ["time", "Time"],
  ["table", "Table"],
];

function Tabs({ stageName }: { stageName: string }) {
  return (
    <div class="tabs narrow-only" role="group" aria-label="Panels">
      {TABS.map(([name, words]) => (
        <button
          type="button"
          key={name}
          aria-pressed={tab.value === name}
          onClick={() => {
            if (name === "table") tableOf.value = stageName;
            else tab.value = name;
            if (name === "draw") drawing.value = true;
          }}
        >
          {words}
        </button>
      ))}
    </div>
  );
}

function Notice() {
  if (!notice.value) return null;
  return (
    <div class="notice">
      <p>{notice.value}</p>
      <button type="button" class="button" onClick={() => (notice.value = "")}>
        Close
      </button>
    </div>
  );
}

function Stage({ entries }: { entries: Entry[] }) {
  const now = state.value;
  const opened = entries.find((e) => e.slot === "opened" && e.name === sheet.value);
  const view = entries.find((entry) => entry.slot === "stage");
  return (
    <main>
      {!now && (
        <p class="empty">
          {lost.value
            ? "The network stands here once the server answers."
            : preface.value || "The data are being read."}
        </p>
      )}
      {now && view && <Frame key={view.name} entry={view} />}
      {opened && <Sheet key={opened.name} entry={opened} />}
    </main>
  );
}

/** Over the stage; the focus goes in with it, and back to where it was. */
function Sheet({ entry }: { entry: Entry }) {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    close.current!.focus();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  return (
    <div class="sheet">
      <button
        ref={close}
        type="button"
        class="button close"
        onClick={() => (sheet.value = "")}
      >
        Close
      </button>
      <Frame entry={entry} />
    </div>
  );
}

function Inspect({ entries }: { entries: Entry[] }) {
  const inside = entries.filter((entry) => entry.slot === "inspect");
  return (
    <aside class="right" aria-label="Inspect">
      {place.value && (
        <button type="button" class="button sheet-close" onClick={giveUp}>
          Close
        </button>
      )}
      {!place.value && (
        <p class="caption quote">
          Click a neuron, or walk to one with the arrow keys: its weights, its sum and what
          it is good for are opened here.
        </p>
      )}
      {state.value && place.value && inside.map((entry) => <Frame key={entry.name} entry={entry} />)}
    </aside>
  );
}

function Left({ entries }: { entries: Entry[] }) {
  const draw = entries.find((entry) => entry.slot === "draw");
  return (
    <aside class="left" aria-label="Example and recipe">
      <div class="example-part">
        {drawing.value && draw && state.value?.data.image && (
          <Frame key={draw.name} entry={draw} />
        )}
        <Examples />
      </div>
      <div class="recipe-part">
        <Recipe />
      </div>
    </aside>
  );
}

export function App({ views, keys }: Props) {
  const now = state.value;
  const here = now ? views.filter((entry) => entry.shown?.(model) ?? true) : views;
  const pages = [...new Set(views.map((entry) => entry.page))];
  const sheets = here.filter((entry) => entry.slot === "opened");
  const stageName = here.find((entry) => entry.slot === "stage")?.name ?? "";
  return (
    <div
      class="app"
      data-tab={tab.value}
      data-projector={projector.value ? "yes" : "no"}
      data-selected={place.value ? "yes" : "no"}
    >
      <Header pages={pages} />
      <div class="tops">
        <Lost />
        <Silenced />
      </div>
      <Stage entries={here} />
      <Quick />
      <Tabs stageName={stageName} />
      <Left entries={here} />
      <Inspect entries={here} />
      <Time sheets={sheets} />
      <Notice />
      <div id="live" class="visually-hidden" role="status" aria-live="polite" />
      {open.value === "help" && <Help keys={keys} />}
      {open.value === "search" && <Search keys={keys} />}
      {open.value === "upload" && <Upload />}
      {open.value === "runs" && <Runs />}
    </div>
  );
}
