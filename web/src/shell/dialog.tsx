// A dialog over the page; Escape and its button close it.

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  title: string;
  close: () => void;
  children: ComponentChildren;
  class?: string;
}

export function Dialog({ title, close, children, class: kind = "" }: Props) {
  const host = useRef<HTMLDialogElement>(null);
  const id = useId();
  // At once: the keys that follow the one that opened it are meant for it.
  useLayoutEffect(() => {
    const dialog = host.current!;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={host}
      class={kind}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => event.target === host.current && close()}
    >
      <div class="inside">
        <div class="heading">
          <h2 id={id}>{title}</h2>
          <button type="button" class="button" onClick={close}>
            Close
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
