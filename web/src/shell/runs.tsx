// The folders of runs on this machine, each to be opened at where it stands.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { openFolder } from "../actions";
import type { Folder } from "../actions";
import { count, percent } from "../drawing/format";
import { open, studio } from "../page";
import { Dialog } from "./dialog";

const ROWS = 1000; // an accuracy has so many digits as so many examples deserve

function Row({ run, close }: { run: Folder; close: () => void }) {
  const right = run.accuracy === null ? "" : percent(run.accuracy, ROWS);
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          class="button"
          disabled={run.why !== ""}
          onClick={async () => (await openFolder(run.name)) && close()}
        >
          {run.name}
        </button>
      </th>
      <td>
        {run.sentence}
        {run.why && run.why !== run.sentence ? `. ${run.why}` : ""}
      </td>
      <td>{run.date}</td>
      <td>{run.status}</td>
      <td class="number">{right && `${right} ${run.part}`}</td>
    </tr>
  );
}

export function Runs() {
  const found = useSignal<{ runs: Folder[]; total: number } | null>(null);
  const trouble = useSignal("");
  useEffect(() => {
    studio
      .ask({ do: "runs" })
      .then((answer) => (found.value = answer as unknown as typeof found.value))
      .catch((error: Error) => (trouble.value = error.message));
  }, []);
  const close = () => (open.value = "");
  const { runs, total } = found.value ?? { runs: [], total: 0 };
  return (
    <Dialog title="Kept runs" close={close} class="wide">
      <p class="caption">
        {trouble.value ||
          (!found.value
            ? "The folders are being read."
            : total
              ? `${count(total)} run folders, of pellucid train and of this page, the newest first${runs.length < total ? `; shown: ${count(runs.length)}` : ""}. A name opens the run where it stands.`
              : "There is no run folder yet. Keep this run writes one, and pellucid train.")}
      </p>
      {runs.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Kept runs">
          <table class="runs">
            <thead>
              <tr>
                {["run", "what", "begun", "status", "right"].map((word) => (
                  <th key={word} scope="col">
                    {word}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <Row key={run.name} run={run} close={close} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Dialog>
  );
}
