/** Elements made by hand: text nodes only, never markup out of strings. */

type Attributes = Record<string, string | number | boolean | null | undefined>;
type Child = Node | string | null | undefined | false;

const MATHML = "http://www.w3.org/1998/Math/MathML";
const SVG = "http://www.w3.org/2000/svg";

function build<T extends Element>(el: T, attributes: Attributes, children: Child[]): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    el.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) el.append(child);
  return el;
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return build(document.createElement(tag), attributes, children);
}

/** A MathML element. */
export function m(tag: string, ...children: Child[]): Element {
  return build(document.createElementNS(MATHML, tag), {}, children);
}

export function s(tag: string, attributes: Attributes = {}, ...children: Child[]): Element {
  return build(document.createElementNS(SVG, tag), attributes, children);
}

/** Sets an element's text only where it differs: no layout for nothing. */
export function say(el: Element, text: string): void {
  if (el.textContent !== text) el.textContent = text;
}

/** Listens, and gives what stops it. */
export function listen<T extends EventTarget>(
  target: T,
  name: string,
  f: (event: never) => void,
  options?: AddEventListenerOptions,
): () => void {
  target.addEventListener(name, f as EventListener, options);
  return () => target.removeEventListener(name, f as EventListener, options);
}

let last = 0;
/** A name that no other element on the page has. */
export const id = (stem: string): string => `${stem}-${++last}`;

/** Once a frame at most: the newest call wins; `stop` drops what waits. */
export function framed(f: () => void): { ask: () => void; stop: () => void } {
  let waiting = 0;
  const ask = () => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      f();
    });
  };
  return { ask, stop: () => cancelAnimationFrame(waiting) };
}

/** The rails follow a training at this pace. */
export const PACE_MS = 150;

/** Not more often than every `ms`; the last call is never lost. */
export function calm(f: () => void, ms: number): { ask: () => void; stop: () => void } {
  let timer = 0;
  let again = false;
  const ask = () => {
    if (timer) {
      again = true;
      return;
    }
    f();
    timer = window.setTimeout(() => {
      timer = 0;
      if (again) {
        again = false;
        ask();
      }
    }, ms);
  };
  return { ask, stop: () => window.clearTimeout(timer) };
}
