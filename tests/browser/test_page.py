"""The page around the instruments: what it fetches, what can be taken away, faults."""

import csv
import signal
from pathlib import Path

import pytest

from browser.driving import Driven, Studio

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
FAST = "data=digits&layers=16,&epochs=5&seed=3"
SERIOUS = ("serious", "critical")


def findings(driven) -> list[str]:
    """What axe-core finds serious or critical."""
    if not AXE.exists():
        pytest.skip("no axe-core here: npm --prefix web ci")
    driven.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = driven.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:120]} {node['target']}"
        for each in found["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_serious(open_page, width, scheme):
    driven = open_page(width=width, scheme=scheme)
    driven.open(FAST)
    driven.page.keyboard.press(">")
    driven.body("[data-phase=paused]:not([data-step='0'])")
    for lens in "12345":
        driven.page.keyboard.press(lens)
        driven.settle()
        assert not findings(driven), lens
    driven.page.keyboard.press("ArrowRight")
    driven.settle()
    if width == 390:
        for tab in ("Recipe", "Inspect", "Time", "Draw"):
            driven.page.locator(".tabs").get_by_text(tab).click()
            driven.settle()
            assert not findings(driven), tab
    else:
        driven.page.keyboard.press("d")
        driven.settle()
        assert not findings(driven), "drawing"
    for key in ("?", "/", "t"):
        driven.page.keyboard.press(key)
        driven.page.wait_for_selector("dialog[open]")
        assert not findings(driven), key
        driven.page.keyboard.press("Escape")
        driven.page.wait_for_selector("dialog", state="detached")


def test_nothing_is_fetched_from_elsewhere(open_page):
    driven = open_page()
    driven.open(FAST)
    for key in (">", "ArrowRight", "d", "t"):
        driven.page.keyboard.press(key)
        driven.settle()
    here = f"//127.0.0.1:{driven.studio.port}/"
    foreign = [
        url for url in driven.asked
        if here not in url and not url.startswith(("blob:", "about:", "data:"))
    ]  # fmt: skip
    assert driven.asked and not foreign


def test_no_style_or_script_lies_in_the_page(open_page):
    driven = open_page()
    driven.open(FAST)
    inline = "script:not([src]), style, [style*=':'][onclick], [onload]"
    # What scripts set is no attribute of what was sent.
    sent = driven.page.request.get(driven.page.url).text()
    assert "<style" not in sent and " style=" not in sent and "onload" not in sent
    assert driven.page.locator(inline).count() == 0


def test_a_picture_is_a_table_and_a_file(open_page, tmp_path):
    driven = open_page()
    driven.open(FAST)
    driven.settle()
    driven.page.keyboard.press("t")
    header = driven.page.locator("dialog th button")
    driven.page.locator("dialog tbody tr").nth(2).wait_for()
    names = [name.strip(" ↑↓") for name in header.all_inner_texts()]
    with driven.page.expect_download() as saved:
        driven.button("Save as CSV").click()
    saved.value.save_as(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows[0] == names
    assert len(rows) > 2 and all(len(row) == len(names) for row in rows)

    header.last.click()
    cells = driven.page.locator(f"dialog tbody td:nth-child({len(names)})")
    first = cells.first.inner_text()
    header.last.click()
    assert cells.first.inner_text() != first
    driven.page.keyboard.press("Escape")

    stage = driven.page.locator(".frame.stage .tools")
    for kind, begins in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with driven.page.expect_download() as saved:
            stage.get_by_text(kind, exact=True).click()
        path = tmp_path / kind
        saved.value.save_as(path)
        assert path.read_bytes().lstrip().startswith(begins)


def test_search_finds_neurons_examples_and_settings(open_page):
    driven = open_page()
    driven.open(FAST)
    press, page = driven.page.keyboard.press, driven.page
    press("/")
    page.keyboard.type("1.5")
    press("Enter")
    page.wait_for_url("**place=1.4.bias*")
    press("/")
    page.keyboard.type("test 12")
    press("Enter")
    page.wait_for_url("**example=test.12*")
    press("/")
    page.keyboard.type("dropout")
    press("Enter")
    page.wait_for_selector("#dropout:focus")


def test_keys_can_be_turned_off(open_page):
    driven = open_page()
    driven.open(FAST)
    driven.page.keyboard.press("?")
    driven.page.get_by_label("single keys act").uncheck()
    driven.page.keyboard.press("Escape")
    driven.page.keyboard.press("3")
    driven.page.keyboard.press("Control+z")
    driven.page.wait_for_selector("#live:has-text('nothing to undo')", state="attached")
    assert "lens" not in driven.link()


def test_a_table_of_ones_own(open_page, tmp_path):
    lines = ["width,height,kind"]
    for i in range(300):
        kind = "tall" if i % 7 > i % 9 else "wide"
        lines.append(f"{i % 9},{i % 7},{kind}")
    (tmp_path / "own.csv").write_text("\n".join(lines), encoding="utf-8")
    driven = open_page()
    driven.open(FAST)
    run = driven.data("run")
    driven.button("Your own data…").click()
    driven.page.locator("#file").set_input_files(tmp_path / "own.csv")
    driven.page.wait_for_selector("#target")
    assert driven.page.locator("#target").input_value() == "kind"
    driven.button("Train on it").click()
    driven.body(f"[data-phase=ended]:not([data-run='{run}'])")
    assert "own.csv" in driven.page.locator(".run").inner_text()
    assert float(driven.number("accuracy").split()[0]) > 60


def test_a_folder_of_images_of_ones_own(open_page, tmp_path):
    from PIL import Image

    for name, grey in (("dark", 30), ("bright", 220)):
        (tmp_path / "own" / name).mkdir(parents=True)
        for i in range(30):
            picture = Image.new("L", (8, 8), grey + i % 10)
            picture.save(tmp_path / "own" / name / f"{i}.png")
    driven = open_page()
    driven.open(FAST)
    run = driven.data("run")
    driven.button("Your own data…").click()
    driven.page.locator("#folder").set_input_files(tmp_path / "own")
    driven.button("Train on it").click()
    driven.body(f"[data-phase=ended]:not([data-run='{run}'])")
    assert driven.number("accuracy") == "100 %"
    driven.page.wait_for_selector("[data-summary=network]:has-text('on own')")
    driven.button("Next mistake").click()
    driven.page.wait_for_selector(".notice:has-text('rightly')")


DROP = """([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    const event = {dataTransfer: data, bubbles: true, cancelable: true};
    document.querySelector("main").dispatchEvent(new DragEvent("drop", event));
}"""


def test_a_dropped_file_that_is_no_data_is_refused_in_words(open_page):
    driven = open_page()
    driven.open(FAST)
    sha = driven.data("sha")
    driven.page.evaluate(DROP, ["a.csv", "\x00\x01 nothing to read"])
    said = driven.page.locator("dialog [role=alert]").inner_text()
    assert "a.csv" in said and said.endswith(".")
    assert driven.data("sha") == sha


def test_projector_and_theme(open_page):
    driven = open_page()
    driven.open(FAST)
    driven.page.keyboard.press("p")
    driven.page.wait_for_selector(".app[data-projector=yes]")
    assert not driven.page.locator(".left").is_visible()
    driven.page.keyboard.press("p")
    driven.page.get_by_role("button", name="Theme: change to dark").click()
    assert driven.page.locator("html").get_attribute("data-theme") == "dark"


def test_reduced_motion_is_known(open_page):
    driven = open_page(reduced_motion="reduce")
    driven.open(FAST)
    moving = "getComputedStyle(document.querySelector('.button')).transitionDuration"
    assert driven.page.evaluate(moving) == "0s"


def test_a_killed_server_is_said_and_its_run_goes_on(browser, tmp_path):
    first = Studio(tmp_path)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    driven = Driven(context.new_page(), first)
    try:
        driven.open("data=digits&layers=64,&epochs=400&seed=3")
        driven.button("Train").click()
        driven.body("[data-phase=training]:not([data-step='0'])")
        first.end(signal.SIGKILL)
        driven.body("[data-lost=yes]")
        said = driven.page.locator(".lost").inner_text()
        assert "server" in said and "what was so last" in said
        seen = int(driven.data("step"))
        assert driven.page.locator("[data-view=network] canvas").first.is_visible()
        second = Studio(tmp_path, first.port)
        try:
            driven.body("[data-lost=no][data-phase=ended]")
            driven.settle()
            assert int(driven.data("step")) >= seen
            assert not driven.page.locator(".lost").is_visible()
        finally:
            second.end()
    finally:
        context.close()
        first.end()
    refused = "Failed to load resource: net::ERR_CONNECTION_REFUSED"
    assert [each for each in driven.trouble if each != refused] == []
