"""What the studio's page itself costs, in a browser that is really driven.

    python benchmarks/studio_page.py

MNIST. Script a frame and frames a second while 784-16-16-10 trains at full speed with
the network on the stage; then, for 784-30-10 and 5 epochs, the time from a moved slider
to its new final accuracy on the screen, in the browser's own clock. Wants Playwright
and a Chromium (on the path, or named with PELLUCID_CHROMIUM).
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MOVED = """() => new Promise(done => {
  const slider = document.querySelector("#eta"), body = document.body;
  const send = (kind) => slider.dispatchEvent(new Event(kind, {bubbles: true}));
  const run = body.dataset.run;
  slider.value = String(Number(slider.value) + (Number(slider.value) % 2 ? 1 : -1));
  const began = performance.now();
  const watch = new MutationObserver(() => {
    if (body.dataset.run === run || body.dataset.phase !== "ended") return;
    if (!document.querySelector(".diagnosis").textContent.includes("%")) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  });
  watch.observe(body, {attributes: true, childList: true, subtree: true,
                       characterData: true});
  send("input");
  send("change");
})"""


@contextmanager
def studio() -> Iterator[str]:
    """A running studio's address."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["studio", "--port", "0", "--no-open", "--runs", f"{folder}/runs"]
        made = subprocess.Popen(
            [sys.executable, "-m", "pellucid", *words, "--recipe", "3b1b"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "XDG_STATE_HOME": folder, "COLUMNS": "200"},
        )
        try:
            assert made.stdout is not None
            yield made.stdout.readline().split()[-1]
        finally:
            made.terminate()
            made.wait()


def metrics(session: Any) -> dict[str, float]:
    """The browser's own counters, in seconds."""
    found = session.send("Performance.getMetrics")["metrics"]
    return {each["name"]: each["value"] for each in found}


def wait(page: Any, having: str) -> None:
    """Until the page's body has these attributes."""
    page.wait_for_selector(f"body{having}", state="attached", timeout=120_000)


def frames(page: Any, session: Any) -> None:
    """Print what a training at full speed costs the page."""
    page.keyboard.press(".")
    wait(page, "[data-phase=paused][data-step='1']")
    page.wait_for_selector("[data-view=network] canvas")
    number = "Number(document.body.dataset.frame)"
    clock = "performance.now() / 1000"
    before, first, began = metrics(session), page.evaluate(number), page.evaluate(clock)
    page.keyboard.press(" ")
    wait(page, "[data-phase=ended]")
    after, last = metrics(session), page.evaluate(number)
    seconds, count = page.evaluate(clock) - began, last - first
    print(f"784-16-16-10, 30 epochs with the page open: {seconds:.1f} s")
    print(f"frames drawn a second: {count / seconds:.1f} ({count} in all)")
    for name in ("Script", "Layout", "RecalcStyle", "Task"):
        spent = after[f"{name}Duration"] - before[f"{name}Duration"]
        print(f"{name.lower()} a frame: {1000 * spent / count:.2f} ms")


def slider(page: Any, address: str, times: int) -> None:
    """Print how soon a moved slider shows its result."""
    page.goto("about:blank")
    page.goto(address.partition("?")[0] + "#recipe=nielsen-30&epochs=5")
    wait(page, "[data-opened=yes]")
    found = []
    for _ in range(times):
        page.wait_for_timeout(500)
        found.append(page.evaluate(MOVED))
    print(
        f"slider to new final accuracy, 784-30-10, 5 epochs: median "
        f"{statistics.median(found):.0f} ms of {times}, {min(found):.0f} to "
        f"{max(found):.0f}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=9, help="slider moves")
    times = parser.parse_args().times
    from playwright.sync_api import sync_playwright

    path = os.environ.get("PELLUCID_CHROMIUM") or shutil.which("chromium")
    with studio() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        wait(page, "[data-run]")
        session = page.context.new_cdp_session(page)
        # The page's own time: what others take of the processor is not in it.
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        frames(page, session)
        slider(page, address, times)
        browser.close()


if __name__ == "__main__":
    main()
