// Own data: files that were dropped or chosen go to this machine's server, one by one,
// as they are; what is in them is read there, in a process of its own.

import { studio } from "./page";

export interface Named {
  name: string;
  file: File;
}

export interface Described {
  upload: number;
  kind: "table" | "images";
  rows: number;
  columns: { name: string; kind: string }[];
  targets: string[];
  classes: number | null;
  sentence: string;
}

function read<T>(get: (done: (found: T) => void, fail: (error: unknown) => void) => void) {
  return new Promise<T>(get);
}

async function walk(entry: FileSystemEntry, before: string): Promise<Named[]> {
  const name = before + entry.name;
  if (entry.isFile) {
    const file = await read<File>((done, fail) =>
      (entry as FileSystemFileEntry).file(done, fail),
    );
    return [{ name, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Named[] = [];
  for (;;) {
    const some = await read<FileSystemEntry[]>((done, fail) =>
      reader.readEntries(done, fail),
    );
    if (!some.length) return found;
    for (const one of some) found.push(...(await walk(one, `${name}/`)));
  }
}

/** What was dropped: files, and folders with all that is in them. */
export async function dropped(data: DataTransfer): Promise<Named[]> {
  const entries = [...data.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  if (!entries.length) return chosen(data.files);
  const found: Named[] = [];
  for (const entry of entries) found.push(...(await walk(entry, "")));
  return found;
}

export function chosen(files: FileList): Named[] {
  return [...files].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
}

async function post({ name, file }: Named, upload: number | null): Promise<number> {
  const headers: Record<string, string> = {
    "Content-Type": "application/octet-stream",
    "X-Name": encodeURIComponent(name),
  };
  if (upload !== null) headers["X-Upload"] = String(upload);
  const response = await fetch("/upload", { method: "POST", headers, body: file });
  const text = await response.text();
  let answer: { upload?: number; error?: string } = {};
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch {
    answer = { error: text };
  }
  if (!response.ok || answer.upload === undefined)
    throw new Error(answer.error ?? `"${name}" was not taken.`);
  return answer.upload;
}

/** Sends all of them as one upload and asks what they are. */
export async function send(
  files: Named[],
  progress: (done: number) => void,
): Promise<Described> {
  let upload: number | null = null;
  for (const [i, named] of files.entries()) {
    progress(i);
    upload = await post(named, upload);
  }
  if (upload === null) throw new Error("There was no file in it.");
  const answer = await studio.ask({ do: "describe", upload });
  return { ...(answer as unknown as Described), upload };
}
