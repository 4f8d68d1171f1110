// The folders of runs on this machine, each to be opened at where it stands.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { openFolder } from "../actions";
import type { Folder } from "../actions";
import { count, percent, plural } from "../drawing/format";
import { open, studio } from "../page";
import { Dialog } from "./dialog";

const ROWS = 1000; // an accuracy has as many digits as of so many examples

interface Found {
  runs: Folder[];
  total: number;
}

function caption({ runs, total }: Found): string {
  if (!total)
    return "There is no run folder yet. Keep this run writes one, and so does pellucid train.";
  const shown = runs.length < total ? `, of which the last ${count(runs.length)}` : "";
  return `${plural(total, "run folder")}${shown}, the newest first. A name opens the run where it stands.`;
}

function Row({ run, close }: { run: Folder; close: () => void }) {
  const right =
    run.accuracy === null ? "" : `${percent(run.accuracy, ROWS)} of ${run.part} right`;
  return (
    <li>
      <button
        type="button"
        class="button"
        disabled={run.why !== ""}
        onClick={async () => (await openFolder(run.name)) && close()}
      >
        {run.name}
      </button>
      <span>
        {run.sentence}
        {run.why && run.why !== run.sentence ? `. ${run.why}` : ""}
      </span>
      <span class="caption">{[run.status, run.date, right].filter(Boolean).join(" · ")}</span>
    </li>
  );
}

export function Runs() {
  const found = useSignal<Found | null>(null);
  const trouble = useSignal("");
  useEffect(() => {
    studio
      .ask({ do: "runs" })
      .then((answer) => (found.value = answer as unknown as Found))
      .catch((error: Error) => (trouble.value = error.message));
  }, []);
  const close = () => (open.value = "");
  return (
    <Dialog title="Kept runs" close={close} class="wide">
      <p class="caption">
        {trouble.value || (found.value ? caption(found.value) : "The folders are being read.")}
      </p>
      {found.value && (
        <ul class="runs" aria-label="Kept runs">
          {found.value.runs.map((run) => (
            <Row key={run.name} run={run} close={close} />
          ))}
        </ul>
      )}
    </Dialog>
  );
}
