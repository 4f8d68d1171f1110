// The time bar: the clock, the curves, what is to be said about them.

import { computed } from "@preact/signals";
import * as act from "../actions";
import { fixed, number, percent, plural } from "../drawing/format";
import { diagnosis, earlier, points, sheet, slow, slowWords, state, step } from "../page";
import type { Entry } from "../view";
import type { Point, State } from "../wire";
import { Chart } from "./chart";
import type { Line } from "./chart";
import { short } from "./numbers";

type Value = "cost" | "recent" | "part_cost" | "accuracy";

/** Within an epoch a point's own word for it is the epoch it is in; steps say where. */
function values(of: readonly Point[], name: Value): Line["at"] {
  const whole = of.findLast((point) => point.complete && point.epoch > 0);
  const each = whole ? whole.step / whole.epoch : state.value?.steps_per_epoch || 1;
  const found: Line["at"] = [];
  for (const point of of) {
    const value = point[name];
    if (value !== null && Number.isFinite(value)) found.push([point.step / each, value]);
  }
  return found;
}

const last = (of: readonly Point[], name: Value) =>
  of.findLast((point) => point[name] !== null && point[name] !== undefined);

/** From 0 to a little above what most of the curve is, so that a spike hides nothing. */
function costRange(lines: Line[]): [number, number] {
  const all = lines.flatMap((line) => line.at.map(([, value]) => value));
  if (!all.length) return [0, 1];
  all.sort((a, b) => a - b);
  const most = all[Math.floor(0.98 * (all.length - 1))]!;
  return [0, most > 0 ? 1.15 * most : 1];
}

/** Down to below what most of the curve is: the first steps up may leave below. */
function accuracyRange(lines: Line[]): [number, number] {
  const all = lines.flatMap((line) => line.at.map(([, value]) => value));
  if (!all.length) return [0, 1];
  all.sort((a, b) => a - b);
  const least = all[Math.floor(0.1 * all.length)]!;
  return [[0.98, 0.95, 0.9, 0.8, 0.5].find((edge) => least >= edge) ?? 0, 1];
}

const curves = computed(() => {
  const own = points.value;
  const cost_ = state.value?.cost;
  const part = own.findLast((point) => point.part)?.part ?? "test";
  const data = state.value?.data.name;
  const alike = earlier.value.filter((run) => (run.data ?? data) === data);
  const old = (name: Value) =>
    alike
      .filter((run) => name === "accuracy" || (run.cost ?? cost_) === cost_)
      .map((run): Line => {
        return { name: run.sentence, kind: "earlier", at: values(run.points, name) };
      });
  const cost: Line[] = [
    ...old("recent"),
    { name: "train", kind: "main", at: values(own, "recent") },
    { name: part, kind: "second", at: values(own, "part_cost") },
  ];
  const accuracy: Line[] = [
    ...old("accuracy"),
    { name: part, kind: "main", at: values(own, "accuracy") },
  ];
  const useful = (line: Line) => line.at.length > 0 || line.kind === "main";
  return { cost: cost.filter(useful), accuracy: accuracy.filter(useful), part };
});

const epoch = computed(() => {
  const now = state.value;
  return now && now.steps_per_epoch > 0 ? step.value / now.steps_per_epoch : 0;
});

function nearestStep(at: number): number {
  const steps = [0, ...points.value.map((point) => point.step)];
  const wanted = at * (state.value?.steps_per_epoch ?? 1);
  return steps.reduce((best, one) =>
    Math.abs(one - wanted) < Math.abs(best - wanted) ? one : best,
  );
}

const end = computed(() => Math.max(state.value?.recipe.epochs ?? 1, epoch.value));

function Curves({ now }: { now: State }) {
  const { cost, accuracy } = curves.value;
  const choose = (at: number) => act.goTo(nearestStep(at));
  const shared = { end: end.value, now: epoch, choose };
  const both = accuracy.some((line) => line.at.length > 0) || now.data.classes !== null;
  return (
    <div class={both ? "charts" : "charts one"}>
      <Chart
        {...shared}
        title="cost"
        lines={cost}
        range={costRange(cost)}
        write={short}
      />
      {both && (
        <Chart
          {...shared}
          title="accuracy"
          lines={accuracy}
          range={accuracyRange(accuracy)}
          write={(value) => `${Number((100 * value).toFixed(2))} %`}
        />
      )}
    </div>
  );
}

function Numbers({ now }: { now: State }) {
  const cost = last(points.value, "cost")?.cost;
  const found = last(points.value, "accuracy");
  const part = found?.part as keyof State["data"]["rows"] | undefined;
  const rows = part ? now.data.rows[part] : 1000;
  return (
    <dl class="numbers">
      <dt>epoch</dt>
      <dd data-number="epoch">{fixed(epoch.value, 1)}</dd>
      <dt>cost</dt>
      <dd data-number="cost">{typeof cost === "number" ? number(cost) : "—"}</dd>
      {now.data.classes && (
        <>
          <dt>{part ?? "accuracy"}</dt>
          <dd data-number="accuracy">
            {typeof found?.accuracy === "number" ? percent(found.accuracy, rows) : "—"}
          </dd>
        </>
      )}
    </dl>
  );
}

function Earlier() {
  const runs = earlier.value;
  if (!runs.length) return null;
  return (
    <details class="popover upward earlier">
      <summary class="button">Earlier runs ({runs.length})</summary>
      <ul>
        {runs.map((run) => {
          const best = last(run.points, "accuracy");
          return (
            <li key={run.run}>
              <span>
                {run.sentence}
                {typeof best?.accuracy === "number" && ` · ${percent(best.accuracy, 10_000)}`}
              </span>
              <button
                type="button"
                class="button"
                aria-label={`Open again: ${run.sentence}`}
                onClick={() => act.openEarlier(run.link)}
              >
                Open again
              </button>
            </li>
          );
        })}
      </ul>
    </details>
  );
}

/** What a hand has changed, and the way back. */
function Edits({ now }: { now: State }) {
  if (!now.edits.length) return null;
  return (
    <p class="edits">
      Branched: {plural(now.edits.length, "value")} set by hand.{" "}
      <button type="button" class="link" onClick={act.takeEditsBack}>
        Take back
      </button>
    </p>
  );
}

/** One line of what is to be said; all of it a click away. */
function Sentence({ now }: { now: State }) {
  const findings = diagnosis.value;
  void points.value; // the result comes after the end
  const standing = act.standingWords(now);
  const found = !now.message && findings[0] ? ` Diagnosis: ${findings[0]}` : "";
  const words = slowWords.value || standing + found;
  return (
    <div class="said">
      <p class="diagnosis">{words}</p>
      {findings.length > 0 && (
        <details class="popover upward">
          <summary class="button">Diagnosis ({findings.length})</summary>
          <ul>
            <li>{standing}</li>
            {findings.map((finding) => (
              <li key={finding}>{finding}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** On a narrow screen: the clock in a line. */
export function Quick() {
  const now = state.value;
  const found = last(points.value, "accuracy");
  return (
    <div class="quick narrow-only">
      <p class="caption">
        <span>epoch {fixed(epoch.value, 1)}</span>
        {now && typeof found?.accuracy === "number" && (
          <span>
            {found.part} <b>{percent(found.accuracy)}</b>
          </span>
        )}
      </p>
      <StepButton />
      <TrainButton />
    </div>
  );
}

export function TrainButton() {
  const training = state.value?.phase === "training" || slow.value;
  return (
    <button
      type="button"
      class="button primary train"
      disabled={!state.value}
      onClick={act.trainOrPause}
    >
      {training ? "Pause" : "Train"}
    </button>
  );
}

export function StepButton() {
  return (
    <button
      type="button"
      class="button"
      title="one mini-batch (.)"
      onClick={act.oneBatch}
    >
      1 mini-batch
    </button>
  );
}

export function Time({ sheets }: { sheets: Entry[] }) {
  const now = state.value;
  if (!now) return <p class="caption">The clock stands here once the server answers.</p>;
  return (
    <section class="time" aria-label="Time">
      <div class="clockwork">
        <TrainButton />
        <StepButton />
        <button
          type="button"
          class="button"
          title="one epoch (>)"
              onClick={act.oneEpoch}
        >
          1 epoch
        </button>
        <button
          type="button"
          class="button"
          aria-pressed={slow.value}
              onClick={() => void act.slowMotion()}
        >
          Slow motion
        </button>
        {sheets.map((entry) => (
          <button
            type="button"
            class="button wide"
            key={entry.name}
            aria-expanded={sheet.value === entry.name}
            onClick={() => (sheet.value = sheet.value === entry.name ? "" : entry.name)}
          >
            {entry.button ?? entry.name}
          </button>
        ))}
      </div>
      <Curves now={now} />
      <div class="readings">
        <Numbers now={now} />
        <Edits now={now} />
        <Earlier />
      </div>
      <Sentence now={now} />
    </section>
  );
}
