// Own data: drop a CSV or a folder of images, choose what is to be learned, train.

import { signal } from "@preact/signals";
import { setRecipe } from "../actions";
import { count, plural } from "../drawing/format";
import { open } from "../page";
import { chosen, send } from "../upload";
import type { Described, Named } from "../upload";
import { Dialog } from "./dialog";

const found = signal<Described | null>(null);
const target = signal("");
const trouble = signal("");
const progress = signal<[number, number] | null>(null);

export async function take(files: Named[]): Promise<void> {
  open.value = "upload";
  found.value = null;
  trouble.value = "";
  progress.value = [0, files.length];
  try {
    found.value = await send(files, (done) => (progress.value = [done, files.length]));
    target.value = found.value.targets[0] ?? "";
  } catch (error) {
    trouble.value = (error as Error).message;
  } finally {
    progress.value = null;
  }
}

function train(data: Described): void {
  open.value = "";
  void setRecipe({
    data: `upload:${data.upload}`,
    target: data.kind === "table" && target.value ? [target.value] : null,
  });
}

function Chosen({ data }: { data: Described }) {
  return (
    <>
      <p>{data.sentence}</p>
      {data.kind === "table" && (
        <div class="row">
          <label for="target">What is to be learned</label>
          <select
            id="target"
            value={target.value}
            onChange={(event) => (target.value = event.currentTarget.value)}
          >
            {data.targets.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </div>
      )}
      {data.kind === "table" && (
        <details>
          <summary>
            {plural(data.columns.length, "column")}, {plural(data.rows, "row")}
          </summary>
          <ul class="columns">
            {data.columns.map((column) => (
              <li key={column.name}>
                {column.name} <span class="caption">{column.kind}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <button type="button" class="button primary" onClick={() => train(data)}>
        Train on it
      </button>
    </>
  );
}

function Picker({ id, words, folder }: { id: string; words: string; folder: boolean }) {
  return (
    <p>
      <label class="button" for={id}>
        {words}
      </label>
      <input
        id={id}
        class="visually-hidden"
        type="file"
        {...(folder ? { webkitdirectory: true } : {})}
        onChange={(event) => {
          const files = event.currentTarget.files;
          if (files?.length) void take(chosen(files));
        }}
      />
    </p>
  );
}

export function Upload() {
  const now = progress.value;
  return (
    <Dialog title="Your own data" close={() => (open.value = "")}>
      <p>
        A table (CSV, Parquet, NumPy) or a folder of images with one folder a class. It
        stays on the machine that runs the studio. You can also drop it anywhere on the page.
      </p>
      <Picker id="file" words="Choose a file" folder={false} />
      <Picker id="folder" words="Choose a folder" folder={true} />
      {now && (
        <p>
          <label for="sent">
            Sending file {count(now[0] + 1)} of {count(now[1])}
          </label>{" "}
          <progress id="sent" value={now[0]} max={now[1]} />
        </p>
      )}
      {trouble.value && <p role="alert">{trouble.value}</p>}
      {found.value && <Chosen data={found.value} />}
    </Dialog>
  );
}
