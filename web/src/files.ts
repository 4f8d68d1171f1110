// What can be taken away: CSV of a table, a picture as SVG or PNG.

import type { Table } from "./view";

const SCALE = 2; // a PNG's pixels for each of the picture's

export function save(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function cell(value: string | number | null): string {
  const text = value === null ? "" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csv(table: Table): string {
  return [table.columns, ...table.rows]
    .map((row) => row.map(cell).join(",") + "\r\n")
    .join("");
}

export function saveCsv(name: string, table: Table): void {
  save(`${name}.csv`, new Blob([csv(table)], { type: "text/csv" }));
}

export function saveSvg(name: string, svg: string): void {
  save(`${name}.svg`, new Blob([svg], { type: "image/svg+xml" }));
}

export async function savePng(name: string, svg: string): Promise<void> {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = SCALE * picture.naturalWidth;
    canvas.height = SCALE * picture.naturalHeight;
    const context = canvas.getContext("2d")!;
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const png = await new Promise<Blob | null>((done) => canvas.toBlob(done));
    if (png) save(`${name}.png`, png);
  } finally {
    URL.revokeObjectURL(address);
  }
}
