// The example picker: thumbnails (or rows) of a part, one of them chosen.

import { signal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { nextMistake } from "../actions";
import { count, number } from "../drawing/format";
import { drawing, example, lost, model, state, studio } from "../page";
import type { Block, State } from "../wire";

const SHOWN = 14;
const LIT = [0xff, 0xfb, 0xf0];
const DARK = [0x14, 0x17, 0x1f];

interface Page {
  /** Which data it is of. */
  of: string;
  part: string;
  first: number;
  labels: (number | string)[];
  x: Block;
}

const page = signal<Page | null>(null);
const first = signal(0);
const part = signal("test");

/** Ink as light: 0 the stage, 1 full light. */
function paint(canvas: HTMLCanvasElement, shape: [number, number], x: Float32Array): void {
  const [height, width] = shape;
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d")!;
  const pixels = context.createImageData(width, height);
  const channels = x.length / (width * height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) {
      const value = Math.min(1, Math.max(0, x[channels === 3 ? 3 * i + c : i]!));
      pixels.data[4 * i + c] = DARK[c]! + value * (LIT[c]! - DARK[c]!);
    }
    pixels.data[4 * i + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
}

function Thumbnail(props: { x: Float32Array; image: [number, number] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => paint(canvas.current!, props.image, props.x));
  return <canvas ref={canvas} />;
}

function nameOf({ data, recipe }: State): string {
  return [data.name, recipe.data, recipe.split_seed, recipe.target].join(" ");
}

async function fetchPage(state: State): Promise<void> {
  const of = nameOf(state);
  const asked = { part: part.value, first: first.value };
  const now = page.value;
  if (now?.of === of && now.part === asked.part && now.first === asked.first) return;
  const answer = await studio
    .ask({ do: "examples", ...asked, count: SHOWN, wrong: false })
    .catch(() => null);
  const later = model.get("state");
  if (!answer?.blocks.x || !later || nameOf(later) !== of) return;
  page.value = { of, ...asked, labels: answer.labels as number[], x: answer.blocks.x };
}

function labelWord(label: number | string, state: State): string {
  if (typeof label === "number" && state.data.classes)
    return state.data.classes[label] ?? String(label);
  return typeof label === "number" ? String(Number(label.toPrecision(4))) : label;
}

function Choices({ state, shown }: { state: State; shown: Page }) {
  const chosen = example.value;
  const each = shown.x.shape.slice(1).reduce((size, n) => size * n, 1);
  const image = state.data.image;
  return (
    <div class={image ? "thumbnails" : "thumbnails words"}>
      {shown.labels.map((label, i) => {
        const index = shown.first + i;
        const pressed =
          "part" in chosen && chosen.part === shown.part && chosen.index === index;
        const x = shown.x.data.subarray(i * each, (i + 1) * each);
        const word = labelWord(label, state);
        return (
          <button
            type="button"
            key={index}
            class="thumbnail"
            aria-pressed={pressed}
            aria-label={`${shown.part} example ${index}, labelled ${word}`}
            title={`${shown.part} ${index}: ${word}`}
            onClick={() => model.put({ example: { part: shown.part, index } })}
          >
            {image ? <Thumbnail x={x} image={image} /> : word}
          </button>
        );
      })}
    </div>
  );
}

const row = signal<Record<string, number> | null>(null);

/** The chosen row of a table, column by column. */
function Row({ state, ready }: { state: State; ready: boolean }) {
  const key = `${nameOf(state)} ${JSON.stringify(example.value)}`;
  useEffect(() => {
    if (!ready || state.data.image) return;
    void studio
      .ask({ do: "example", example: example.value })
      .then((answer) => (row.value = answer.row as Record<string, number> | null))
      .catch(() => (row.value = null));
  }, [key, ready]);
  if (state.data.image || !row.value) return null;
  return (
    <dl class="columns-of-row">
      {Object.entries(row.value).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{number(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Turner({ rows }: { rows: number }) {
  const to = (there: number) => {
    first.value = Math.max(0, Math.min(there, Math.max(0, rows - 1)));
  };
  return (
    <div class="turner">
      <button
        type="button"
        class="button"
        aria-label="Earlier examples"
        disabled={first.value === 0}
        onClick={() => to(first.value - SHOWN)}
      >
        ‹
      </button>
      <label class="visually-hidden" for="example-number">
        Number of the example
      </label>
      <input
        id="example-number"
        type="number"
        class="number"
        min={0}
        max={Math.max(0, rows - 1)}
        value={"part" in example.value ? example.value.index : ""}
        onChange={(event) => {
          const index = Number(event.currentTarget.value);
          if (Number.isInteger(index) && index >= 0 && index < rows)
            model.put({ example: { part: part.value, index } });
        }}
      />
      <span class="caption">of {count(rows)}</span>
      <button
        type="button"
        class="button"
        aria-label="Later examples"
        disabled={first.value + SHOWN >= rows}
        onClick={() => to(first.value + SHOWN)}
      >
        ›
      </button>
    </div>
  );
}

export function Examples() {
  const now = state.value;
  useSignalEffect(() => {
    // Wherever the selection goes, the page of thumbnails goes along.
    const chosen = example.value;
    if (!("part" in chosen)) return;
    part.value = chosen.part;
    const from = first.peek();
    if (chosen.index < from || chosen.index >= from + SHOWN)
      first.value = chosen.index - (chosen.index % SHOWN);
  });
  const ready = now && now.phase !== "loading" && !lost.value;
  const key = ready ? nameOf(now) : "";
  useEffect(() => {
    if (ready) void fetchPage(now);
  }, [key, first.value, part.value]);
  if (!now) return null;
  const rows = now.data.rows[part.value as "test"] ?? 0;
  const shown = page.value;
  return (
    <section class="examples" aria-labelledby="examples-title">
      <div class="heading">
        <h2 id="examples-title">Example</h2>
        <label class="visually-hidden" for="part">
          Part of the data
        </label>
        <select
          id="part"
          value={part.value}
          onChange={(event) => {
            first.value = 0;
            model.put({ example: { part: event.currentTarget.value, index: 0 } });
          }}
        >
          {(["test", "validation", "train"] as const)
            .filter((name) => now.data.rows[name] > 0)
            .map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
        </select>
      </div>
      {shown?.of === nameOf(now) && <Choices state={now} shown={shown} />}
      <Turner rows={rows} />
      <Row state={now} ready={Boolean(ready)} />
      <div class="buttons">
        {now.data.image && (
          <button
            type="button"
            class="button"
            aria-expanded={drawing.value}
            onClick={() => (drawing.value = !drawing.value)}
          >
            Draw
          </button>
        )}
        <button type="button" class="button" onClick={() => void nextMistake()}>
          Next mistake
        </button>
      </div>
    </section>
  );
}
