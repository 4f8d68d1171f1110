// Rows of a recipe: a slider over the values that are worth trying, a list, a number.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { hold } from "../actions";
import { refusals } from "../page";

/** As few digits as say it: 0.0001, 3, 0.15. */
export function short(x: number): string {
  return String(Number(x.toPrecision(4))).replace("-", "−");
}

interface SliderProps {
  id?: string;
  label: string;
  value: number;
  /** What the slider's notches mean, in rising order. */
  notches: readonly number[];
  write: (value: number) => string;
  change: (value: number) => void;
  /** What is said instead of the value, until a hand moves it. */
  unset?: string | undefined;
}

function nearest(notches: readonly number[], value: number): number {
  let best = 0;
  notches.forEach((notch, i) => {
    if (Math.abs(notch - value) < Math.abs(notches[best]! - value)) best = i;
  });
  return best;
}

/** Moved, it sends each value; the hand's own value is shown until the run has it. */
export function Slider(props: SliderProps) {
  const { label, value, notches, change } = props;
  const own = useId();
  const id = props.id ?? own;
  const hand = useSignal<number | null>(null);
  const shown = hand.value ?? value;
  const exact = notches.includes(shown) ? notches.indexOf(shown) : nearest(notches, shown);
  const written = hand.value === null && props.unset ? props.unset : props.write(shown);
  const end = () => hold(false);
  useEffect(() => {
    if (value === hand.peek()) hand.value = null;
  }, [value]);
  const seen = useRef(refusals.value);
  if (seen.current !== refusals.value) {
    seen.current = refusals.value;
    hand.value = null;
  }
  return (
    <div class="row slider">
      <label for={id}>{label}</label>
      <output for={id} class="number">
        {written}
      </output>
      <input
        id={id}
        type="range"
        min={0}
        max={notches.length - 1}
        step={1}
        value={exact}
        aria-valuetext={written}
        onPointerDown={() => hold(true)}
        onKeyDown={(event) => event.repeat || hold(true)}
        onInput={(event) => {
          const notch = notches[Number(event.currentTarget.value)]!;
          hand.value = notch;
          change(notch);
        }}
        onChange={end}
        onBlur={end}
      />
    </div>
  );
}

interface ChoiceProps {
  id?: string;
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  change: (value: string) => void;
}

export function Choice({ id: given, label, value, options, change }: ChoiceProps) {
  const own = useId();
  const id = given ?? own;
  const known = options.some((option) => option.value === value);
  return (
    <div class="row">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => change(event.currentTarget.value)}>
        {!known && <option value={value}>{value}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

interface WholeProps {
  id?: string;
  label: string;
  value: number;
  min: number;
  max: number;
  change: (value: number) => void;
}

/** A whole number, taken over when it is typed to its end. */
export function Whole({ id: given, label, value, min, max, change }: WholeProps) {
  const own = useId();
  const id = given ?? own;
  return (
    <div class="row">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        class="number"
        min={min}
        max={max}
        value={value}
        onChange={(event) => {
          const typed = Number(event.currentTarget.value);
          if (Number.isInteger(typed) && typed >= min && typed <= max) change(typed);
          else event.currentTarget.value = String(value);
        }}
      />
    </div>
  );
}
