// The live region: what changed, in a sentence, at most once a second; the last one wins.

const PAUSE_MS = 1000;
let next: string | null = null;
let resting = false;

function speak(): void {
  const region = document.getElementById("live");
  if (next === null || !region) return;
  region.textContent = next;
  next = null;
  resting = true;
  setTimeout(() => {
    resting = false;
    speak();
  }, PAUSE_MS);
}

export function say(sentence: string): void {
  next = sentence;
  if (!resting) speak();
}
