// What a view says of itself in words, kept true at a reader's pace.

import { calm } from "./drawing/dom";
import type { Values } from "./values";

/** Sentences need not keep up with thirty frames a second. */
const WORDS_MS = 400;

/** Writes now and after whatever may have changed the words; gives what ends it. */
export function speak(values: Values, write: () => void): () => void {
  const words = calm(write, WORDS_MS);
  values.heard.add(words.ask);
  words.ask();
  return () => {
    values.heard.delete(words.ask);
    words.stop();
  };
}
