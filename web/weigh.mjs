// After the build: what the page fetches at first load may weigh 80 KB compressed, and
// nothing in it may point outside of the machine. Then the table of files for the server.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";

const LIMIT = 80 * 1024;
/** The views for notebooks, which every widget brings along. */
const NOTEBOOK_LIMIT = 60 * 1024;
const PAGE = new URL("../src/pellucid/studio/page/", import.meta.url).pathname;

const manifest = JSON.parse(readFileSync(join(PAGE, "manifest.json"), "utf8"));
rmSync(join(PAGE, "manifest.json"));
const files = readdirSync(PAGE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== "files.json")
  .map((entry) => relative(PAGE, join(entry.parentPath, entry.name)))
  .sort();
const read = (name) => readFileSync(join(PAGE, name));

/** Sources of the views that are seen when the page opens. */
function seenAtFirst() {
  const text = readFileSync(new URL("src/views/index.ts", import.meta.url), "utf8");
  const entry = /slot: "(?:stage|inspect)"[^}]*?import\("\.\/([^"]+)"\)/g;
  return [...text.matchAll(entry)].map((found) => `src/views/${found[1]}.ts`);
}

/** What the page fetches before anything is clicked: files, each once. */
function atFirst() {
  const wanted = new Set(["index.html", ...files.filter((name) => name.endsWith(".svg"))]);
  const visit = (key) => {
    const chunk = manifest[key];
    if (wanted.has(chunk.file)) return;
    for (const name of [chunk.file, ...(chunk.css ?? [])]) wanted.add(name);
    for (const other of chunk.imports ?? []) visit(other);
  };
  for (const key of ["index.html", ...seenAtFirst()]) visit(key);
  return [...wanted];
}

const first = atFirst();
const weight = first.reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
const kilobytes = (weight / 1024).toFixed(1);
if (weight > LIMIT) {
  console.error(`First load: ${kilobytes} KB compressed, and 80 KB are allowed.`);
  process.exit(1);
}

const views = ["notebook/view.js", "notebook/view.css"];
const ofViews = views.reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
if (ofViews > NOTEBOOK_LIMIT) {
  console.error(`Views for notebooks: ${(ofViews / 1024).toFixed(1)} KB, and 60 are allowed.`);
  process.exit(1);
}

// The module also lies in pages, as the text of a script element.
if (/<\/script|<!--/i.test(read("notebook/view.js").toString())) {
  console.error("notebook/view.js holds what would end or comment out a script element.");
  process.exit(1);
}

// Names of XML languages look like addresses and are none.
const NAMES = /^https?:\/\/www\.w3\.org\/(1999|2000|1998)\//;
for (const name of files) {
  const text = read(name).toString("latin1");
  for (const [address] of text.matchAll(/(?:https?|wss?):\/\/[a-z][^\s"'`)\\$]*/g))
    if (!NAMES.test(address) && !/^[a-z]+:\/\/(localhost|127\.)/.test(address)) {
      console.error(`${name} holds an address outside of this machine: ${address}`);
      process.exit(1);
    }
}

const table = Object.fromEntries(
  files.map((name) => {
    const bytes = read(name);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return [name, { bytes: bytes.length, sha256 }];
  }),
);
writeFileSync(join(PAGE, "files.json"), JSON.stringify(table, null, 1) + "\n");
console.log(`Views for notebooks: ${(ofViews / 1024).toFixed(1)} KB compressed.`);
console.log(`First load: ${kilobytes} KB compressed (${first.join(", ")}).`);
