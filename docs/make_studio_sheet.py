"""docs/studio.png: the studio's views on one sheet, each a really trained network.

    python docs/make_studio_sheet.py

Wants Playwright, a Chromium, and MNIST (PELLUCID_DATA or the cache).
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

WIDE, PHONE = (1440, 900), (390, 844)
MOST_TALL = 1560
COLUMNS, GAP, CAPTION = 2, 16, 22
TILE = (840, 525)
RUN = "recipe=3b1b&epochs=12&step=end"
PLANE = "data=spirals&layers=24,16&dropout=0.0&l2=0.0&epochs=200&step=end"
MISTAKE = "example=test.247"

# What is shown, how wide, light or dark, the address, the keys that are pressed.
SHOTS: list[tuple[str, tuple[int, int], str, str, str]] = [
    ("Activation", WIDE, "light", f"{RUN}~place=1.6.bias&example=test.1", ""),
    ("Weights", WIDE, "dark", f"{RUN}~lens=weights&place=2.3.bias", ""),
    ("Wishes, of a mistake", WIDE, "light", f"{RUN}~lens=wishes&{MISTAKE}", ""),
    ("Nudges", WIDE, "dark", f"{RUN}~lens=nudges&{MISTAKE}&place=2.5.3", ""),
    ("Damage", WIDE, "light", f"{RUN}~lens=damage&place=1.2.bias", ""),
    ("Two features", WIDE, "dark", PLANE, ""),
    ("One step, opened", WIDE, "light", f"{RUN[:-9]}&step=600~{MISTAKE}", "o"),
    ("Draw a digit", WIDE, "dark", RUN, "d"),
    ("The numbers", WIDE, "light", RUN, "t"),
    ("From the back of the room", WIDE, "dark", f"{RUN}~example=test.1", "p"),
    ("Phone", PHONE, "light", f"{RUN}~place=1.6.bias&example=test.1", ""),
    ("Plane", PHONE, "dark", PLANE, ""),
    ("Draw", PHONE, "light", RUN, "d"),
    ("Inspect", PHONE, "dark", f"{RUN}~place=1.6.bias&example=test.1", "Inspect"),
    ("Recipe", PHONE, "light", RUN, "Recipe"),
    ("Time", PHONE, "dark", RUN, "Time"),
]


def draw_two(page: Any) -> None:
    """A 2, by the mouse, as a hand would."""
    pad = page.locator(".frame.draw canvas").first.bounding_box()
    corners = [(0.3, 0.3), (0.45, 0.2), (0.65, 0.25), (0.65, 0.42), (0.3, 0.78)]
    corners += [(0.72, 0.76)]
    points = [(pad["x"] + pad["width"] * x, pad["y"] + pad["height"] * y)
              for x, y in corners]  # fmt: skip
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=12)
    page.mouse.up()


def shoot(browser: Any, address: str, shot: tuple[Any, ...]) -> Image.Image:
    """One picture."""
    _, (width, height), scheme, link, act = shot
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page.goto(address)
    page.goto("about:blank")
    page.goto(f"{address.partition('?')[0]}#{link}")
    page.wait_for_selector("body[data-opened=yes]", state="attached", timeout=120_000)
    page.wait_for_selector("body:not([data-sha=''])", state="attached")
    page.wait_for_selector("body[data-frame]", state="attached")
    page.wait_for_timeout(500)
    if act in ("Inspect", "Recipe", "Time"):
        page.locator(".tabs").get_by_text(act).click()
    elif act:
        page.keyboard.press(act)
    if act == "d":
        page.wait_for_selector(".frame.draw canvas")
        draw_two(page)
    page.wait_for_timeout(2500)  # a picture may be late, unlike a test
    page.wait_for_selector("body[data-asked='0']", state="attached")
    taken = page.screenshot(full_page=width == PHONE[0])
    page.close()
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    return picture.crop((0, 0, width, min(picture.height, MOST_TALL)))


def sheet(pictures: list[tuple[str, Image.Image]]) -> Image.Image:
    """Wide ones in two columns, phones in a row below."""
    wide = [each for each in pictures if each[1].width > each[1].height]
    tall = [each for each in pictures if each not in wide]
    width = COLUMNS * (TILE[0] + GAP) + GAP
    rows = -(-len(wide) // COLUMNS)
    phone = (width - GAP) // max(1, len(tall)) - GAP
    tallest = max((phone * p.height // p.width for _, p in tall), default=0)
    low = GAP + rows * (TILE[1] + CAPTION + GAP)
    made = Image.new("RGB", (width, low + tallest + CAPTION + GAP), "#f7f5f0")
    pen = ImageDraw.Draw(made)
    for i, (name, picture) in enumerate(wide):
        x = GAP + i % COLUMNS * (TILE[0] + GAP)
        y = GAP + i // COLUMNS * (TILE[1] + CAPTION + GAP)
        made.paste(picture.resize(TILE, Image.Resampling.LANCZOS), (x, y + CAPTION))
        pen.text((x, y), name, fill="#1b1d23", font_size=16)
    for i, (name, picture) in enumerate(tall):
        x = GAP + i * (phone + GAP)
        size = (phone, phone * picture.height // picture.width)
        made.paste(picture.resize(size, Image.Resampling.LANCZOS), (x, low + CAPTION))
        pen.text((x, low), name, fill="#1b1d23", font_size=16)
    return made


def main() -> None:
    """Take all pictures and write docs/studio.png."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("PELLUCID_CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder:
        words = ["studio", "--port", "0", "--no-open", "--runs", f"{folder}/runs"]
        studio = subprocess.Popen(
            [sys.executable, "-m", "pellucid", *words, "--recipe", "3b1b"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "XDG_STATE_HOME": folder, "COLUMNS": "200"},
        )
        try:
            assert studio.stdout is not None
            address = studio.stdout.readline().split()[-1]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=path, args=["--no-sandbox"]
                )
                pictures = [(shot[0], shoot(browser, address, shot)) for shot in SHOTS]
                browser.close()
        finally:
            studio.terminate()
            studio.wait()
    made = sheet(pictures)
    # Coverage, so that the yellow of the selection, which is rare, stays yellow.
    made = made.quantize(
        192, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
    )
    made.save(Path(__file__).with_name("studio.png"), optimize=True)


if __name__ == "__main__":
    main()
