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
const NARROW = 190;

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

interface Plot {
  x: Straight;
  y: Straight;
  left: number;
  right: number;
  top: number;
  bottom: number;
  width: number;
  height: number;
  type: number;
}

type Straight = ReturnType<typeof linear>;

function plot([width, height]: [number, number], props: Props): Plot {
  const margin = margins();
  const { left, top, type } = margin;
  const right = width - margin.right;
  const bottom = height - margin.bottom;
  const x = linear(0, Math.max(props.end, 1e-9), left, right);
  const y = linear(props.range[0], props.range[1], bottom, top);
  return { x, y, left, right, top, bottom, width, height, type };
}

function Axes({ on, props }: { on: Plot; props: Props }) {
  const { x, y, left, right, width, height, type } = on;
  const low = height - 6 * type;
  return (
    <>
      {ticks(props.range[0], props.range[1], height / (34 * type)).map((value) => (
        <g key={value}>
          <line class="grid" x1={left} x2={right} y1={y.at(value)} y2={y.at(value)} />
          <text class="tick" x={left - 6} y={y.at(value) + 4} text-anchor="end">
            {props.write(value)}
          </text>
        </g>
      ))}
      <text class="tick" x={left - 9} y={low} text-anchor="end">
        epoch
      </text>
      {ticks(0, props.end, width / (60 * type)).map((value) => (
        <text key={value} class="tick" x={x.at(value)} y={low} text-anchor="middle">
          {Number(value.toPrecision(6))}
        </text>
      ))}
    </>
  );
}

function Lines({ on, lines }: { on: Plot; lines: Line[] }) {
  const clip = useId();
  const { left, right, top, bottom } = on;
  return (
    <>
      <clipPath id={clip}>
        <rect
          x={left}
          y={top - 2}
          width={Math.max(0, right - left)}
          height={Math.max(0, bottom - top + 4)}
        />
      </clipPath>
      <g clip-path={`url(#${clip})`}>
        {lines.map((line, i) => (
          <path key={i} class={`line ${line.kind}`} d={path(line, on.x.at, on.y.at)} />
        ))}
      </g>
    </>
  );
}

/** The size of the element, followed. */
function useSize(host: { current: HTMLElement | null }) {
  const size = useSignal<[number, number]>([280, 120]);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      if (width > 0 && height > 0) size.value = [Math.floor(width), Math.floor(height)];
    });
    watch.observe(host.current!);
    return () => watch.disconnect();
  }, []);
  return size.value;
}

/** The nearest recorded epoch before or after one. */
function beside(line: Line | undefined, from: number, way: number): number | null {
  const all = line?.at ?? [];
  const found = way < 0 ? all.findLast(([e]) => e < from) : all.find(([e]) => e > from);
  return (found ?? (way < 0 ? all[0] : all.at(-1)))?.[0] ?? null;
}

const DASHES = { main: "—", second: "- -", earlier: "" };

/** What stands in the chart's head: the values under the cursor, or the legend. */
function headOf(on: Plot, own: Line[], at: number | undefined, words: string): string {
  if (at !== undefined) return `epoch ${at.toFixed(2)}   ${words}`;
  if (on.width < NARROW * on.type) return "";
  return own.map((line) => `${DASHES[line.kind]} ${line.name}`).join("   ");
}

export function Chart(props: Props) {
  const { title, lines, end, now, write, choose } = props;
  const host = useRef<HTMLDivElement>(null);
  const cursor = useSignal<number | null>(null);
  const on = plot(useSize(host), props);
  const own = lines.filter((line) => line.kind !== "earlier");
  const at = cursor.value;
  const reading = at === null ? [] : own.map((line) => near(line, at));
  const told = (name: (line: Line) => string, between: string) =>
    own
      .map((line, i) => (reading[i] ? `${name(line)} ${write(reading[i][1])}` : ""))
      .filter(Boolean)
      .join(between);
  const words = told((line) => line.name, ", ");
  const keys: Record<string, () => void> = {
    ArrowLeft: () => (cursor.value = beside(own[0], at ?? now.peek(), -1)),
    ArrowRight: () => (cursor.value = beside(own[0], at ?? now.peek(), 1)),
    Enter: () => at !== null && choose(at),
  };
  const handlers = {
    onPointerMove: (event: PointerEvent) => {
      const box = (event.currentTarget as Element).getBoundingClientRect();
      cursor.value = Math.max(0, on.x.back(event.clientX - box.left));
    },
    onPointerLeave: () => (cursor.value = null),
    onBlur: () => (cursor.value = null),
    onClick: () => at !== null && choose(at),
    onKeyDown: (event: KeyboardEvent) => {
      const act = keys[event.key];
      if (!act) return;
      act();
      event.preventDefault();
      event.stopPropagation();
    },
  };
  return (
    <div class="chart" ref={host}>
      <svg
        width={on.width}
        height={on.height}
        role="slider"
        tabIndex={0}
        aria-label={`${title} over epochs`}
        aria-valuemin={0}
        aria-valuemax={end}
        aria-valuenow={at ?? now.peek()}
        aria-valuetext={words || "no value chosen"}
        {...handlers}
      >
        <text class="chart-title" x={2} y={12 * on.type}>
          {at === null ? title : ""}
        </text>
        <text class="chart-reading" x={on.right} y={12 * on.type} text-anchor="end">
          {headOf(on, own, reading.find(Boolean)?.[0], told((line) => DASHES[line.kind], "   "))}
        </text>
        <Axes on={on} props={props} />
        <Lines on={on} lines={lines} />
        <Clock now={now} at={on.x.at} top={on.top - 4} bottom={on.bottom} />
        {reading.map(
          (point, i) =>
            point && (
              <circle key={i} class="dot" cx={on.x.at(point[0])} cy={on.y.at(point[1])} r={3.5} />
            ),
        )}
      </svg>
    </div>
  );
}
