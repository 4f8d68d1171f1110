// A curve over epochs with axes, hover values and earlier runs behind it. SVG; a chart
// that has the focus is read with the arrow keys.

import { useSignal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { linear, ticks } from "../drawing/scale";

export interface Line {
  name: string;
  kind: "main" | "second" | "earlier";
  at: [epoch: number, value: number][];
}

interface Props {
  title: string;
  lines: Line[];
  /** The last epoch of the axis. */
  end: number;
  /** Where the clock stands; it moves by itself, without the rest being drawn anew. */
  now: ReadonlySignal<number>;
  range: [number, number];
  write: (value: number) => string;
  /** A click or Enter: go to this epoch. */
  choose: (epoch: number) => void;
}

/** Around the plot at 14 px type; larger type takes more. */
const MARGIN = { left: 44, right: 10, top: 20, bottom: 22 };
const TYPE = 14;
const NARROW = 230;

function margins() {
  const type = parseFloat(getComputedStyle(document.documentElement).fontSize) / TYPE;
  const grown = (n: number) => Math.round(n * type);
  const { left, right, top, bottom } = MARGIN;
  return { left: grown(left), right, top: grown(top), bottom: grown(bottom), type };
}

/** At most two points a pixel, the highest and the lowest of it, so that none is lost. */
function thin(at: Line["at"], x: (epoch: number) => number): Line["at"] {
  if (at.length < 600) return at;
  const kept: Line["at"] = [];
  let from = 0;
  while (from < at.length) {
    const pixel = Math.round(x(at[from]![0]));
    let to = from;
    let low = from;
    let high = from;
    for (; to < at.length && Math.round(x(at[to]![0])) === pixel; to++) {
      if (at[to]![1] < at[low]![1]) low = to;
      if (at[to]![1] > at[high]![1]) high = to;
    }
    kept.push(at[Math.min(low, high)]!);
    if (low !== high) kept.push(at[Math.max(low, high)]!);
    from = to;
  }
  return kept;
}

function path(line: Line, x: (e: number) => number, y: (v: number) => number): string {
  return thin(line.at, x)
    .map(([e, v], i) => `${i ? "L" : "M"}${x(e).toFixed(1)} ${y(v).toFixed(1)}`)
    .join("");
}

/** The point of a line that is nearest to an epoch. */
function near(line: Line, epoch: number): [number, number] | null {
  let best: [number, number] | null = null;
  for (const point of line.at)
    if (!best || Math.abs(point[0] - epoch) < Math.abs(best[0] - epoch)) best = point;
  return best;
}

interface ClockProps {
  now: ReadonlySignal<number>;
  at: (epoch: number) => number;
  top: number;
  bottom: number;
}

function Clock({ now, at, top, bottom }: ClockProps) {
  const x = at(now.value);
  return <line class="clock" x1={x} x2={x} y1={top} y2={bottom} />;
}

export function Chart(props: Props) {
  const { title, lines, end, now, range, write, choose } = props;
  const host = useRef<HTMLDivElement>(null);
  const size = useSignal<[number, number]>([280, 120]);
  const cursor = useSignal<number | null>(null);
  const clip = useId();
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      if (width > 0 && height > 0) size.value = [Math.floor(width), Math.floor(height)];
    });
    watch.observe(host.current!);
    return () => watch.disconnect();
  }, []);
  const [width, height] = size.value;
  const margin = margins();
  const right = width - margin.right;
  const bottom = height - margin.bottom;
  const x = linear(0, Math.max(end, 1e-9), margin.left, right);
  const y = linear(range[0], range[1], bottom, margin.top);
  const own = lines.filter((line) => line.kind !== "earlier");
  const reading = cursor.value === null ? [] : own.map((line) => near(line, cursor.value!));
  const words = own
    .map((line, i) => (reading[i] ? `${line.name} ${write(reading[i][1])}` : ""))
    .filter(Boolean)
    .join(", ");
  const dashes = { main: "—", second: "- -", earlier: "" };
  const legend = own.map((line) => `${dashes[line.kind]} ${line.name}`).join("   ");
  const step = (way: number) => {
    const all = own[0]?.at ?? [];
    if (!all.length) return;
    const from = cursor.value ?? now.peek();
    const there =
      way < 0
        ? (all.findLast(([e]) => e < from) ?? all[0]!)
        : (all.find(([e]) => e > from) ?? all.at(-1)!);
    cursor.value = there[0];
  };
  const head =
    cursor.value !== null && words
      ? `epoch ${(reading.find(Boolean)?.[0] ?? 0).toFixed(2)}: ${words}`
      : width < NARROW * margin.type
        ? ""
        : legend;
  return (
    <div class="chart" ref={host}>
      <svg
        width={width}
        height={height}
        role="slider"
        tabIndex={0}
        aria-label={`${title} over epochs`}
        aria-valuemin={0}
        aria-valuemax={end}
        aria-valuenow={cursor.value ?? now.peek()}
        aria-valuetext={words || "no value yet"}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          cursor.value = Math.max(0, x.back(event.clientX - box.left));
        }}
        onPointerLeave={() => (cursor.value = null)}
        onBlur={() => (cursor.value = null)}
        onClick={() => cursor.value !== null && choose(cursor.value)}
        onKeyDown={(event) => {
          if (event.key === "ArrowLeft") step(-1);
          else if (event.key === "ArrowRight") step(1);
          else if (event.key === "Enter" && cursor.value !== null) choose(cursor.value);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        <text class="chart-title" x={margin.left} y={12 * margin.type}>
          {title}
        </text>
        <text class="chart-reading" x={right} y={12 * margin.type} text-anchor="end">
          {head}
        </text>
        {ticks(range[0], range[1], height / (34 * margin.type)).map((value) => (
          <g key={`y${value}`}>
            <line class="grid" x1={margin.left} x2={right} y1={y.at(value)} y2={y.at(value)} />
            <text class="tick" x={margin.left - 6} y={y.at(value) + 4} text-anchor="end">
              {write(value)}
            </text>
          </g>
        ))}
        <text class="tick" x={margin.left - 9} y={height - 6 * margin.type} text-anchor="end">
          epoch
        </text>
        {ticks(0, end, width / (60 * margin.type)).map((value) => (
          <text key={`x${value}`} class="tick" x={x.at(value)} y={height - 6 * margin.type} text-anchor="middle">
            {Number(value.toPrecision(6))}
          </text>
        ))}
        <clipPath id={clip}>
          <rect
            x={margin.left}
            y={margin.top - 2}
            width={Math.max(0, right - margin.left)}
            height={Math.max(0, bottom - margin.top + 4)}
          />
        </clipPath>
        <g clip-path={`url(#${clip})`}>
          {lines.map((line, i) => (
            <path key={i} class={`line ${line.kind}`} d={path(line, x.at, y.at)} />
          ))}
        </g>
        <Clock now={now} at={x.at} top={margin.top - 4} bottom={bottom} />
        {reading.map(
          (point, i) =>
            point && <circle key={i} class="dot" cx={x.at(point[0])} cy={y.at(point[1])} r={3.5} />,
        )}
      </svg>
    </div>
  );
}
