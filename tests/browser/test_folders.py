"""Kept runs: written by a click, listed, and opened by click and by keyboard."""

import json
import re

import pytest

from browser.test_page import findings
from browser.test_train_live import FAST, ended, trained
from pellucid.runs import index, read_result


@pytest.fixture
def kept(open_page):
    """A page on which a run was trained to its end and kept."""
    driven = open_page()
    driven.open(FAST)
    driven.button("Train").click()
    ended(driven)
    driven.button("Keep this run").click()
    driven.page.wait_for_selector("text=The run is kept in")
    driven.settle()
    return driven


def last(driven):
    return index.entries(driven.studio.folder / "runs")[-1]


def other(driven):
    """Another run, so that opening one is seen."""
    driven.open("data=digits&layers=8,&seed=9")
    assert "seed=9" in driven.link()


def test_a_kept_run_is_listed_and_opened_with_a_click(kept):
    entry = last(kept)
    assert entry.result["weights_sha256"] == trained(FAST)[0].weights_sha256()
    other(kept)
    kept.button("Kept runs…").click()
    row = kept.page.get_by_role("listitem").filter(has_text=entry.folder.name)
    share = f"{100 * entry.result['test_accuracy']:.1f} % of test right"
    assert share in row.inner_text() and "digits, 16, adam" in row.inner_text()
    row.get_by_role("button").click()
    kept.page.wait_for_selector(f"body[data-sha='{entry.result['weights_sha256']}']")
    assert kept.data("phase") == "ended"
    kept.page.wait_for_selector("text=at its end, as it was kept.")
    held = trained(FAST)[1]
    assert kept.number("accuracy") == f"{100 * held.accuracy:.1f} %"


def test_a_run_paused_midway_is_kept_and_opened_by_keyboard_alone(open_page):
    driven = open_page()
    driven.open(FAST)
    driven.button("1 mini-batch").click()
    driven.body("[data-step='1'][data-phase=paused]")
    sha = driven.data("sha")
    driven.button("Keep this run").click()
    said = driven.page.locator(".notice").inner_text()
    assert re.search(r"paused at step 1\. Go on with: pellucid train --resume", said)
    entry = last(driven)
    assert entry.status == "unfinished"
    other(driven)
    page = driven.page
    page.locator("main canvas").first.focus()
    page.keyboard.press("k")
    page.wait_for_selector(".runs li")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == entry.folder.name:
            break
    page.keyboard.press("Enter")
    page.wait_for_selector(f"body[data-sha='{sha}']")
    assert driven.data("step") == "1"


def test_a_curve_that_comes_before_its_run_is_shown(open_page):
    driven = open_page()
    driven.open(FAST)
    driven.button("Train").click()
    ended(driven)
    later = open_page()
    later.page.route_web_socket(re.compile("/socket"), curve_first)
    later.open()
    ended(later)
    assert later.data("points") == driven.data("points") != "0"
    assert later.number("accuracy") == driven.number("accuracy")


def curve_first(socket):
    """Hand on what the server says, but states only once the curve has come."""
    server, held, come = socket.connect_to_server(), [], False

    def told(message):
        nonlocal come
        kind = json.loads(message).get("event") if isinstance(message, str) else ""
        if kind == "state" and not come:
            held.append(message)
            return
        socket.send(message)
        if kind == "history":
            come = True
            for state in held:
                socket.send(state)
            held.clear()

    server.on_message(told)


def test_a_damaged_folder_says_so_and_changes_nothing(kept):
    entry = last(kept)
    (entry.folder / "model.safetensors").write_bytes(b"nothing")
    before = kept.data("run")
    kept.button("Kept runs…").click()
    row = kept.page.get_by_role("listitem").filter(has_text=entry.folder.name)
    row.get_by_role("button").click()
    kept.page.wait_for_selector("text=Changed after the run: model.safetensors")
    assert kept.data("run") == before
    assert read_result(entry.folder)  # the list still has its figures


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_serious_in_the_list(open_page, width, scheme):
    driven = open_page(width=width, scheme=scheme)
    driven.open(FAST)
    driven.page.locator("main canvas").first.focus()
    driven.page.keyboard.press("k")
    driven.page.wait_for_selector(".runs")
    driven.settle()
    assert not findings(driven)
