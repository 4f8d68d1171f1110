// The recipe: everything that makes the run, each word of it a control. A change makes
// a new run from the same seed and trains it at once.

import { keepRun, newStart, reset, saveModel, setRecipe } from "../actions";
import { count, plural } from "../drawing/format";
import { hello, open, state } from "../page";
import type { Recipe as Words, State } from "../wire";
import { Choice, Slider, Whole, short } from "./numbers";

/** 1, 2, 5 times powers of ten, or finer. */
function powers(low: number, high: number, heads: readonly number[]): number[] {
  const found: number[] = [];
  for (let power = low; power <= high; power++)
    for (const head of heads) found.push(Number(`${head}e${power}`));
  return found;
}

const ETAS = [...powers(-4, 0, [1, 1.5, 2, 3, 5, 7]), 10, 15, 20, 30];
/** Where the slider stands while the optimizer has an η of its own. */
const USUAL_ETA = 0.1;
const PENALTIES = [0, ...powers(-6, -2, [1, 2, 5]), 0.1];
const DROPOUTS = Array.from({ length: 19 }, (_, i) => i / 20);
const EPOCHS = [...Array.from({ length: 20 }, (_, i) => i + 1), 25, 30, 40, 50, 60, 80, 100, 150, 200, 300, 400];
const BATCHES = [1, 2, 4, 5, 8, 10, 16, 20, 32, 50, 64, 100, 128, 200, 256, 500, 1000, 2000];
const MOST_SEED = 2 ** 31 - 1;
const MOST_NEURONS = 4096;

/** A slider's notches with the run's own value among them. */
function with_(notches: readonly number[], value: number): number[] {
  return notches.includes(value) ? [...notches] : [...notches, value].sort((a, b) => a - b);
}

const plain = (names: readonly string[] = []) =>
  names.map((name) => ({ value: name, label: name.replaceAll("_", " ") }));

/** "adam:beta1=0.8" is chosen as "adam", and keeps its own words while it stays. */
const head = (word: string | null) => (word ?? "").split(":")[0]!;

/** An optimizer brings an η of its own; L-BFGS needs the same cost at every look. */
function ofOptimizer(optimizer: string): Partial<Words> {
  const own = { optimizer, eta: null, schedule: null };
  return optimizer === "lbfgs" ? { ...own, dropout: 0 } : own;
}

function Sizes({ state }: { state: State }) {
  const layers = state.recipe.layers;
  const change = (i: number, size: number) =>
    setRecipe({ layers: layers.map((n, l) => (l === i ? size : n)) });
  return (
    <div class="chips" role="group" aria-label="Sizes of the layers">
      <span class="chip fixed" title="inputs">
        {count(state.sizes[0] ?? 0)}
      </span>
      {layers.map((size, i) => (
        <span class="chip" key={i}>
          <input
            type="number"
            class="number"
            aria-label={`Neurons in layer ${i + 1}`}
            style={{ width: `${String(size).length + 1}ch` }}
            min={1}
            max={MOST_NEURONS}
            value={size}
            onChange={(event) => {
              const typed = Number(event.currentTarget.value);
              if (Number.isInteger(typed) && typed >= 1 && typed <= MOST_NEURONS)
                change(i, typed);
              else event.currentTarget.value = String(size);
            }}
          />
          <button
            type="button"
            aria-label={`Take layer ${i + 1} out`}
            onClick={() => setRecipe({ layers: layers.filter((_, l) => l !== i) })}
          >
            ×
          </button>
        </span>
      ))}
      <button
        type="button"
        class="chip add"
        aria-label="Add a layer"
        onClick={() => setRecipe({ layers: [...layers, layers.at(-1) ?? 16] })}
      >
        +
      </button>
      <span class="chip fixed" title="outputs">
        {count(state.sizes.at(-1) ?? 0)}
      </span>
    </div>
  );
}

function Data({ state }: { state: State }) {
  const sets = hello.value?.datasets ?? [];
  const chosen = state.recipe.data;
  const options = sets.map(({ name }) => ({ value: name, label: name }));
  if (!sets.some(({ name }) => name === chosen))
    options.push({ value: chosen, label: state.data.name });
  return (
    <>
      <Choice
        id="data"
        label="Data"
        value={chosen}
        options={options}
        change={(data) => setRecipe({ data, target: null })}
      />
      <p class="caption">{state.data.sentence}</p>
      <button type="button" class="button" onClick={() => (open.value = "upload")}>
        Your own data…
      </button>
    </>
  );
}

interface Named {
  name: string;
  sentence: string;
  changes: Partial<Words>;
}

function Recipes() {
  const named = (hello.value as { recipes?: Named[] } | null)?.recipes ?? [];
  if (!named.length) return null;
  const options = [
    { value: "", label: "choose…" },
    ...named.map(({ name, sentence }) => ({ value: name, label: `${name}: ${sentence}` })),
  ];
  return (
    <Choice
      id="named"
      label="From a lecture"
      value=""
      options={options}
      change={(name) => {
        const found = named.find((one) => one.name === name);
        if (found) void setRecipe(found.changes);
      }}
    />
  );
}

function Parameters({ state }: { state: State }) {
  const { sizes, parameters, steps_per_epoch: steps } = state;
  const biases = sizes.slice(1).reduce((sum, n) => sum + n, 0);
  return (
    <p class="caption quote">
      {plural(parameters, "parameter")}: {count(parameters - biases)} weights and{" "}
      {count(biases)} biases. {plural(steps, "update")} an epoch.
    </p>
  );
}

function Words_({ state }: { state: State }) {
  const { recipe } = state;
  const options = hello.value?.options;
  const hidden = Array.isArray(recipe.hidden) ? recipe.hidden.join(", ") : recipe.hidden;
  const rows: [string, string, string, string[] | undefined, (word: string) => Partial<Words>][] = [
    ["hidden", "Hidden activation", hidden, options?.activations, (word) => ({ hidden: word })],
    ["output", "Output", recipe.output, options?.outputs, (word) => ({ output: word, cost: null })],
    ["cost", "Cost", recipe.cost ?? state.cost, options?.costs, (word) => ({ cost: word })],
    ["optimizer", "Optimizer", head(recipe.optimizer), options?.optimizers, ofOptimizer],
  ];
  return (
    <>
      {rows.map(([id, label, value, names, changes]) => (
        <Choice
          key={id}
          id={id}
          label={label}
          value={value}
          options={plain(names)}
          change={(word) => setRecipe(changes(word))}
        />
      ))}
    </>
  );
}

/** The hidden activations with that of one layer changed. */
function changed(state: State, at: number, value: string): string[] {
  return state.recipe.layers.map((_, i) => (i === at ? value : state.activations[i]!));
}

function Rest({ state }: { state: State }) {
  const { recipe } = state;
  const options = hello.value?.options;
  const none = { value: "", label: "constant" };
  return (
    <details class="more">
      <summary>Start, schedule, single layers</summary>
      <Choice
        id="initializer"
        label="Start"
        value={recipe.initializer}
        options={plain(options?.initializers)}
        change={(initializer) => setRecipe({ initializer })}
      />
      <Choice
        id="schedule"
        label="Schedule of η"
        value={head(recipe.schedule)}
        options={[none, ...plain(options?.schedules)]}
        change={(schedule) => setRecipe({ schedule: schedule || null })}
      />
      {recipe.layers.map((_, i) => (
        <Choice
          key={i}
          label={`Layer ${i + 1}`}
          value={state.activations[i] ?? ""}
          options={plain(options?.activations)}
          change={(value) => setRecipe({ hidden: changed(state, i, value) })}
        />
      ))}
    </details>
  );
}

/** The settings that are one number each: how they are written, which are tried. */
const NUMBERS: readonly [
  word: "batch_size" | "l2" | "l1" | "dropout" | "epochs",
  id: string,
  label: string,
  notches: readonly number[],
  write: (value: number) => string,
][] = [
  ["batch_size", "batch", "Mini-batch", BATCHES, count],
  ["l2", "l2", "L2 penalty", PENALTIES, short],
  ["l1", "l1", "L1 penalty", PENALTIES, short],
  ["dropout", "dropout", "Dropout", DROPOUTS, short],
  ["epochs", "epochs", "Epochs", EPOCHS, count],
];

function Sliders({ state }: { state: State }) {
  const { recipe } = state;
  const rows = state.data.rows.train || Infinity;
  const eta = recipe.eta ?? USUAL_ETA;
  return (
    <>
      <Slider
        id="eta"
        label="Learning rate η"
        value={eta}
        notches={with_(ETAS, eta)}
        unset={recipe.eta === null ? "the optimizer's own" : undefined}
        write={short}
        change={(value) => setRecipe({ eta: value })}
      />
      {NUMBERS.map(([word, id, label, notches, write]) => (
        <Slider
          key={id}
          id={id}
          label={label}
          value={recipe[word]}
          notches={with_(notches, recipe[word]).filter(
            (n) => word !== "batch_size" || n <= Math.max(rows, recipe[word]),
          )}
          write={write}
          change={(value) => setRecipe({ [word]: value })}
        />
      ))}
    </>
  );
}

export function Recipe() {
  const now = state.value;
  if (!now) return <p class="caption">The recipe stands here once the server answers.</p>;
  return (
    <section class="recipe" aria-labelledby="recipe-title">
      <h2 id="recipe-title">Recipe</h2>
      <Data state={now} />
      <Recipes />
      <Sizes state={now} />
      <Words_ state={now} />
      <Sliders state={now} />
      <Whole
        id="seed"
        label="Seed"
        value={now.recipe.seed}
        min={0}
        max={MOST_SEED}
        change={(seed) => setRecipe({ seed })}
      />
      <div class="buttons">
        <button type="button" class="button" onClick={reset} title="the same seed, step 0">
          Reset
        </button>
        <button type="button" class="button" onClick={newStart} title="the next seed">
          New start
        </button>
      </div>
      <Rest state={now} />
      <div class="buttons">
        <button type="button" class="button" onClick={() => void keepRun()}>
          Keep this run
        </button>
        <button type="button" class="button" onClick={() => void saveModel()}>
          Save the model
        </button>
        <button type="button" class="button" onClick={() => (open.value = "runs")}>
          Kept runs…
        </button>
      </div>
      <Parameters state={now} />
    </section>
  );
}
