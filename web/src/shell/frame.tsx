// The frame around every view: what it is, one sentence that is true now, its numbers
// as a table, its picture to take away, and the formula with the numbers in it.

import { signal, useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { count } from "../drawing/format";
import { savePng, saveSvg } from "../files";
import { model, studio } from "../page";
import type { Entry, Explanation, Table, View } from "../view";
import { speak } from "../words";
import { Formula } from "./math";
import { Dialog } from "./dialog";
import { Numbers } from "./table";

/** Which views' table is asked for, by a key. */
export const tableOf = signal("");
export const explained = signal("");

function useView(entry: Entry) {
  const host = useRef<HTMLDivElement>(null);
  const view = useSignal<View | null>(null);
  const trouble = useSignal("");
  useEffect(() => {
    let gone = false;
    let stop: () => void = () => {};
    entry.load().then(
      (module) => {
        if (gone) return;
        stop = module.default.render({ model, el: host.current! });
        view.value = module.default;
        studio.want(entry.name, module.default.blocks);
      },
      () => {
        trouble.value = `The file of "${entry.name}" did not arrive. Load the page again.`;
      },
    );
    return () => {
      gone = true;
      stop();
      studio.want(entry.name, []);
    };
  }, [entry.name]);
  return { host, view, trouble };
}

interface Words {
  summary: string;
  explanation: Explanation | null;
}

/** The view's words, kept true. */
function useWords(view: View | null, explaining: boolean): Words {
  const words = useSignal<Words>({ summary: "", explanation: null });
  useEffect(() => {
    if (!view) return;
    return speak(model, () => {
      words.value = {
        summary: view.summary(model),
        explanation: explaining ? (view.explain?.(model) ?? null) : null,
      };
    });
  }, [view, explaining]);
  return words.value;
}

/** The table as it is when it is asked for; it stands still to be read. */
function TableDialog({ view, name, close }: { view: View; name: string; close: () => void }) {
  const table = useSignal<Table | null>(null);
  const trouble = useSignal("");
  const read = async () => {
    try {
      table.value = await view.table(model);
    } catch (error) {
      trouble.value = (error as Error).message;
    }
  };
  useEffect(() => void read(), []);
  return (
    <Dialog title={`${view.title}: the numbers`} close={close} class="wide">
      <p class="caption">
        As of step {count(studio.step)}.{" "}
        <button type="button" class="link" onClick={() => void read()}>
          Read them again
        </button>
      </p>
      {trouble.value && <p role="alert">{trouble.value}</p>}
      {table.value && (
        <Numbers
          table={table.value}
          name={name}
          choose={(place) => {
            model.put({ place });
            close();
          }}
        />
      )}
    </Dialog>
  );
}

function Toolbar({ entry, view }: { entry: Entry; view: View }) {
  const svg = view.svg;
  const named = `pellucid-${entry.name}-step-${studio.step}`;
  const button = (words: string, act: () => void, pressed?: boolean) => (
    <button
      type="button"
      class="tool"
      aria-pressed={pressed}
      aria-label={`${words}: ${view.title}`}
      onClick={act}
    >
      {words}
    </button>
  );
  const on = explained.value === entry.name;
  return (
    <div class="tools">
      {button("Show as table", () => (tableOf.value = entry.name))}
      {view.explain && button("Explain", () => (explained.value = on ? "" : entry.name), on)}
      {svg && button("SVG", () => saveSvg(named, svg.call(view, model)))}
      {svg && button("PNG", () => void savePng(named, svg.call(view, model)))}
    </div>
  );
}

export function Frame({ entry }: { entry: Entry }) {
  const { host, view, trouble } = useView(entry);
  const explaining = explained.value === entry.name;
  const { summary, explanation } = useWords(view.value, explaining);
  const id = useId();
  const now = view.value;
  return (
    <section class={`frame ${entry.slot}`} aria-labelledby={`${id}t`} aria-describedby={`${id}s`}>
      <h2 id={`${id}t`} class={entry.slot === "stage" ? "visually-hidden" : ""}>
        {now?.title ?? ""}
      </h2>
      <div class="view" ref={host} data-view={entry.name} />
      {trouble.value && <p role="alert">{trouble.value}</p>}
      {explaining && explanation && (
        <div class="explanation">
          <p>{explanation.text}</p>
          {explanation.formula && <Formula text={explanation.formula} />}
        </div>
      )}
      <div class="foot">
        <p id={`${id}s`} class="summary" data-summary={entry.name}>
          {summary}
        </p>
        {now && <Toolbar entry={entry} view={now} />}
      </div>
      {now && tableOf.value === entry.name && (
        <TableDialog view={now} name={entry.name} close={() => (tableOf.value = "")} />
      )}
    </section>
  );
}
