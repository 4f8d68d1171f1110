"""The network on the report's page, opened from the disk: clicked, it answers."""

import re
from types import SimpleNamespace

import pytest

from browser.driving import PATIENCE_MS
from browser.shown import signed
from browser.test_page import findings
from pellucid import InputError, load, load_network, runs, trace
from pellucid.cli import main
from pellucid.mathematics.costs import CrossEntropy
from pellucid.report import report
from pellucid.views import built

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    try:
        built("view.js")
    except InputError as error:
        pytest.skip(str(error))
    parent = tmp_path_factory.mktemp("runs")
    words = ["train", "--epochs", "4", "--layers", "12", "--runs", str(parent)]
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 0
    return runs.latest(parent)


@pytest.fixture(scope="module")
def path(folder):
    text = report(folder, load("digits"))
    (folder / "report.html").write_text(text, encoding="utf-8")
    return folder / "report.html"


@pytest.fixture
def page(browser, path):
    context = browser.new_context(
        offline=True, viewport={"width": 1100, "height": 1200}
    )
    opened, trouble = context.new_page(), []
    opened.set_default_timeout(PATIENCE_MS)
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("console", lambda said: trouble.append(said.text))
    opened.on(
        "request",
        lambda request: request.url == path.as_uri() or trouble.append(request.url),
    )
    opened.goto(path.as_uri())
    opened.wait_for_selector(".pellucid-record[data-shown=yes]")
    assert "may run" not in opened.locator(".pellucid-record").inner_text()
    yield opened
    context.close()
    assert not trouble  # no refusal by the policy, nothing fetched


def z_of(folder, index, l, j):
    network, test = load_network(folder / runs.MODEL)[0], load("digits").test
    found = trace(network, CrossEntropy(), test.x[[index]], test.y[[index]])
    return float(found.z[l][0, j])


def clicked(page):
    """The number of a neuron of layer 1 that was clicked on the picture."""
    canvas = page.locator(".stage-canvas")
    box = canvas.bounding_box()
    for part in range(30, 70):
        canvas.click(position={"x": box["width"] / 2, "y": part / 100 * box["height"]})
        name = page.locator(".rail-name").inner_text()
        found = re.fullmatch(r"Layer 1, neuron (\d+)", name)
        if found and found[1] != "1":  # the first is chosen when the page opens
            return int(found[1]) - 1
    raise AssertionError("no neuron of layer 1 stands in the middle of the picture")


def shown_example(page):
    """The index of the example, out of the picture's numbers."""
    buttons = page.locator(".record-examples button")
    return buttons.evaluate_all(
        "(all) => all.findIndex((one) => one.getAttribute('aria-pressed') === 'true')"
    )


def examples(path):
    text = path.read_text(encoding="utf-8")
    return [
        int(i) for i in re.findall(r'"part": "test", "index": (\d+)}, "words"', text)
    ]


def test_a_click_on_a_neuron_shows_the_librarys_numbers(page, folder, path):
    j, known = clicked(page), examples(path)
    numbers = page.locator("[data-view=neuron] dl").first
    assert shown_example(page) == 0
    expect(numbers).to_contain_text(signed(z_of(folder, known[0], 1, j)))
    page.locator(".record-examples button").nth(5).click()
    expect(numbers).to_contain_text(signed(z_of(folder, known[5], 1, j)))
    assert shown_example(page) == 5


def test_every_lens_has_something_to_show(page):
    words, seen = page.locator(".stage-view"), set()
    for lens in ("Activation", "Weights", "Wishes", "Nudges", "Damage"):
        page.get_by_role("button", name=lens, exact=True).click()
        expect(page.locator(f"[data-lens={lens.lower()}]")).to_have_attribute(
            "aria-pressed", "true"
        )
        page.wait_for_function("() => new Promise(requestAnimationFrame)")
        seen.add(words.locator("canvas").first.evaluate("(c) => c.toDataURL()"))
    assert len(seen) == 5
    silenced = page.locator("[data-view=neuron] [data-after]")
    assert 0 < float(silenced.get_attribute("data-after")) < 1
    page.get_by_text("What its connections are worth one by one was not").wait_for()


def test_axe_finds_nothing_serious_on_the_report(page):
    assert findings(SimpleNamespace(page=page)) == []


def test_without_scripts_the_figures_are_there(browser, path):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    expect(page.get_by_text("where the script of this page may run")).to_be_visible()
    assert page.locator("figure img").count() > 5
    context.close()
