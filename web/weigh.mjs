// After the build: what the page fetches at first load may weigh 80 KB compressed, and
// nothing in it may point outside of the machine. Then the table of files for the server.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";

const LIMIT = 80 * 1024;
const PAGE = new URL("../src/pellucid/studio/page/", import.meta.url).pathname;

const files = readdirSync(PAGE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== "files.json")
  .map((entry) => relative(PAGE, join(entry.parentPath, entry.name)))
  .sort();
const read = (name) => readFileSync(join(PAGE, name));

/** What index.html names, and what that imports at once. */
function atFirst() {
  const wanted = ["index.html"];
  for (const name of wanted) {
    if (!/\.(html|js|css)$/.test(name)) continue;
    const text = read(name).toString();
    const named = [
      ...text.matchAll(/(?:src|href)="\/([^"]+)"/g),
      ...text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g),
    ].map((found) => (found[1].includes("/") ? found[1] : `assets/${found[1]}`));
    for (const other of named)
      if (files.includes(other) && !wanted.includes(other)) wanted.push(other);
  }
  return wanted;
}

const first = atFirst();
const weight = first.reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
const kilobytes = (weight / 1024).toFixed(1);
if (weight > LIMIT) {
  console.error(`First load: ${kilobytes} KB compressed, and 80 KB are allowed.`);
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
console.log(`First load: ${kilobytes} KB compressed (${first.join(", ")}).`);
