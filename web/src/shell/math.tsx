// A formula: only elements of MathML and their text are taken over, whatever comes.

import { useEffect, useRef } from "preact/hooks";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const KEPT = ["mathvariant", "stretchy", "display", "accent"];

function copy(from: Element, to: Element): void {
  for (const child of from.childNodes) {
    if (child instanceof Text) to.append(child.data);
    else if (child instanceof Element && child.namespaceURI === MATHML) {
      const made = document.createElementNS(MATHML, child.localName);
      for (const name of KEPT) {
        const value = child.getAttribute(name);
        if (value !== null) made.setAttribute(name, value);
      }
      copy(child, made);
      to.append(made);
    }
  }
}

export function Formula({ text }: { text: string }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const read = new DOMParser().parseFromString(text, "text/html");
    const made = document.createElement("div");
    copy(read.body, made);
    host.current!.replaceChildren(...made.childNodes);
  }, [text]);
  return <div class="formula" ref={host} />;
}
