"""A browser that is really driven, and a studio for each file."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from browser.driving import Driven, Studio

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def _chromium() -> str:
    named = os.environ.get("PELLUCID_CHROMIUM")
    found = [named] if named else [shutil.which(name) for name in NAMES]
    path = next((path for path in found if path), None)
    if path is None:
        pytest.skip(
            "no Chromium here: install it (Debian: apt-get install chromium) or name "
            "it with PELLUCID_CHROMIUM"
        )
    return path


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="no Playwright here: pip install playwright"
    )
    path = _chromium()
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_api.sync_playwright() as playwright:
        driven = playwright.chromium.launch(executable_path=path, args=sandbox)
        yield driven
        driven.close()


@pytest.fixture(scope="module")
def studio():
    with tempfile.TemporaryDirectory() as folder:
        made = Studio(Path(folder))
        yield made
        made.end()


@pytest.fixture
def open_page(browser, studio):
    """A function that opens pages; after the test nothing went wrong on any."""
    contexts, driven = [], []

    def make(width=1440, height=900, scheme="light", **words) -> Driven:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            accept_downloads=True,
            **words,
        )
        contexts.append(context)
        driven.append(Driven(context.new_page(), studio))
        return driven[-1]

    yield make
    trouble = [each.trouble for each in driven]
    for context in contexts:
        context.close()
    assert not any(trouble), trouble


@pytest.fixture
def driven(open_page):
    """One page, open."""
    made = open_page()
    made.open()
    return made
