"""The views on anywidget's contract, in a page that is no more than such a host."""

import base64
from pathlib import Path

import numpy as np
import pytest

from browser.driving import PATIENCE_MS
from browser.shown import probability, signed
from browser.test_page import findings
from pellucid import InputError, Network, load, split, trace, train
from pellucid.explanation import without
from pellucid.mathematics.costs import COSTS
from pellucid.notebook import view
from pellucid.views import built

expect = pytest.importorskip("playwright.sync_api").expect
widget = pytest.importorskip("pellucid.notebook.widget", exc_type=ImportError)

HOST = Path(__file__).with_name("notebook.html")
ADDRESS = "http://notebook.test/"
COST = COSTS["cross_entropy"]()


def text(data) -> str:
    return base64.b64encode(bytes(data)).decode()


class Notebook:
    """A page with one widget in it.

    Attributes:
        page: Playwright's.
        shown: the widget.
        trouble: what went wrong on the page.
    """

    def __init__(self, page, shown):
        self.page, self.shown = page, shown
        self.trouble, self.said = [], []
        shown.send = lambda content, buffers=(): self.said.append((content, buffers))
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("requestfailed", lambda request: self.trouble.append(request.url))
        page.route(
            f"{ADDRESS}**",
            lambda route: route.fulfill(path=HOST, content_type="text/html"),
        )
        page.expose_function("kernel", self.kernel)
        page.goto(ADDRESS)
        page.wait_for_selector("body[data-shown=yes]")

    def kernel(self, message):
        """What the page asks."""
        if not message:
            files = {"esm": built("view.js"), "css": built("view.css")}
            return {**files, "first": self.news()}
        for name, value in message.get("set", {}).items():
            setattr(self.shown, name, value)
        if "content" in message:
            buffers = [base64.b64decode(each) for each in message["buffers"]]
            self.shown._handle_custom_msg(message["content"], buffers)
        return self.news()

    def news(self):
        """Everything that the page is told."""
        names = ("kinds", "state", *widget.LOOKS)
        traits = {name: getattr(self.shown, name) for name in names}
        said = [[content, [text(b) for b in more or ()]] for content, more in self.said]
        self.said.clear()
        return {"traits": traits, "frame": text(self.shown.frame), "said": said}

    def tell(self):
        """What the kernel does by itself."""
        self.page.evaluate("take", self.news())

    def rest(self):
        """Wait until what was shown last has gone out, as after a cell."""
        last = {"phase": "paused", "news": self.shown.host.news}
        while not last.items() <= self.shown.state.items():
            self.page.evaluate("1")
        self.tell()

    def settle(self):
        self.page.wait_for_selector("body[data-asked='0']")


@pytest.fixture
def open_notebook(browser):
    try:
        built("view.js")
    except InputError as error:
        pytest.skip(str(error))
    contexts, made = [], []

    def make(*words, width=1000, **looks):
        contexts.append(browser.new_context(viewport={"width": width, "height": 1200}))
        made.append(Notebook(contexts[-1].new_page(), view(*words, **looks)))
        return made[-1]

    yield make
    trouble = [each.trouble for each in made]
    for context in contexts:
        context.close()
    assert not any(trouble), trouble


@pytest.fixture(scope="module")
def data():
    return load("digits")


@pytest.fixture
def network(data):
    made = Network([64, 12, 10], "sigmoid", seed=1)
    list(train(made, data, epochs=2))
    return made


def inside(network, data, index=0):
    rows = slice(index, index + 1)
    return trace(network, COST, data.test.x[rows], data.test.y[rows])


def reading(notebook, kind: str, name: str):
    """The value beside a name in a rail."""
    terms = notebook.page.locator(f"[data-view={kind}] dt", has_text=name)
    return terms.locator("xpath=following-sibling::dd[1]").first


def test_keys_choose_a_neuron_and_its_numbers_are_traces(open_notebook, network, data):
    notebook = open_notebook(network, data, ["network", "neuron"])
    page = notebook.page
    page.locator(".stage-canvas").focus()
    for key in ("ArrowRight", "Home", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    page.wait_for_selector(".rail-name:has-text('Layer 1, neuron 3')")
    notebook.settle()
    assert notebook.shown.place["neuron"] == 2
    z = float(inside(network, data).z[1][0, 2])
    expect(reading(notebook, "neuron", "z = ")).to_have_text(signed(z))


def test_a_switch_silences_the_neuron(open_notebook, network, data):
    place = {"layer": 1, "neuron": 2, "input": None}
    notebook = open_notebook(network, data, ["network", "neuron"], place=place)
    before = trace(network, COST, data.test.x[:1], data.test.y[:1])
    quiet = trace(without(network, [(1, 2)]), COST, data.test.x[:1], data.test.y[:1])
    said = notebook.page.locator(".of-network .caption")
    best = f"is answered {quiet.a[-1].argmax()} with {probability(quiet.a[-1].max())}"
    assert best.split()[-1] != probability(before.a[-1].max())
    notebook.page.get_by_role("switch", name="Silence this neuron").check()
    expect(said).to_contain_text(best)
    expect(said).to_contain_text("1 neuron is silenced")
    assert notebook.shown.silent == [[1, 2]]
    expect(reading(notebook, "neuron", "a, silenced")).to_have_text("0.000")


def test_what_python_sets_is_seen(open_notebook, network, data):
    notebook = open_notebook(network, data, ["network", "neuron"])
    notebook.shown.place = {"layer": 2, "neuron": 4, "input": None}
    notebook.shown.example = {"part": "test", "index": 9}
    notebook.tell()
    notebook.page.wait_for_selector(".rail-name:has-text('Layer 2, neuron 5')")
    z = float(inside(network, data, 9).z[2][0, 4])
    terms = notebook.page.locator("[data-view=neuron] dd", has_text=signed(z))
    terms.first.wait_for()


def test_a_network_in_training_is_followed(open_notebook, network, data):
    notebook = open_notebook(network, data)
    for report in train(network, data, epochs=1, every=10):
        notebook.shown.show(network, report)
        notebook.tell()
    notebook.rest()
    notebook.page.wait_for_selector(f"[data-view=network][data-step='{report.step}']")
    words = notebook.page.locator(".of-network .caption")
    top = int(network(data.test.x[:1])[0].argmax())
    words.get_by_text(f"is answered {top} with").wait_for()
    notebook.page.locator("summary", has_text="Numbers").click()
    rows = notebook.page.locator(".of-network tbody tr")
    rows.first.wait_for()
    assert rows.count() == 22


def test_a_weight_is_set_by_hand(open_notebook, network, data):
    place = {"layer": 1, "neuron": 3, "input": 20}
    notebook = open_notebook(network, data, "nudge", place=place)
    field = notebook.page.locator("[data-view=nudge] input[type=text]").first
    field.fill("0.5")
    field.press("Enter")
    notebook.page.get_by_text("1 edit, kept in this view").wait_for()
    assert notebook.shown.network.w[1][3, 20] == 0.5
    assert network.w[1][3, 20] != 0.5


def test_a_drawing_is_answered(open_notebook, network, data):
    notebook = open_notebook(network, data, "draw")
    box = notebook.page.locator(".draw-pad").bounding_box()
    mouse, x = notebook.page.mouse, box["x"] + box["width"] / 2
    mouse.move(x, box["y"] + 0.2 * box["height"])
    mouse.down()
    mouse.move(x, box["y"] + 0.8 * box["height"], steps=8)
    mouse.up()
    notebook.page.wait_for_selector("[data-view=draw][data-answer]")
    notebook.settle()
    answer = int(network(notebook.shown.host.drawn.x[None])[0].argmax())
    found = notebook.page.locator("[data-view=draw]").get_attribute("data-answer")
    assert found == str(answer)


def test_before_anything_is_drawn_no_bar_is_filled(open_notebook, network, data):
    page = open_notebook(network, data, "draw").page
    fills = page.locator(".draw-outputs .trough i")
    assert fills.count() == 10
    widths = "(all) => all.map((fill) => fill.getBoundingClientRect().width)"
    assert fills.evaluate_all(widths) == [0] * 10


@pytest.mark.parametrize("secure", [True, False])
def test_every_place_of_a_stroke_is_drawn_once(open_notebook, network, data, secure):
    page = open_notebook(network, data, "draw").page
    page.evaluate(
        """(secure) => {
          if (!secure) delete PointerEvent.prototype.getCoalescedEvents;
          const pen = CanvasRenderingContext2D.prototype;
          const line = pen.lineTo;
          window.ends = [];
          pen.lineTo = function (x, y) {
            ends.push(`${x} ${y}`);
            line.call(this, x, y);
          };
        }""",
        secure,
    )
    box, mouse = page.locator(".draw-pad").bounding_box(), page.mouse
    mouse.move(box["x"] + 40, box["y"] + 40)
    mouse.down()
    mouse.move(box["x"] + 90, box["y"] + 140, steps=5)
    mouse.up()
    ends = page.evaluate("ends")
    assert len(ends) == len(set(ends)) == 6


def test_the_boundary_is_drawn(open_notebook):
    moons = split(load("moons"))
    network = Network([2, 5, 2], "tanh", seed=2)
    list(train(network, moons, epochs=20))
    notebook = open_notebook(network, moons, ["boundary"])
    words = notebook.page.locator("[data-view=boundary] [role=status]")
    words.get_by_text("The decision boundary on moons").wait_for()
    colours = notebook.page.locator(".boundary-box canvas").first.evaluate(
        """(canvas) => {
          const { width, height } = canvas;
          const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
          return new Set(new Uint32Array(data.buffer)).size;
        }"""
    )
    assert colours > 10


def test_nothing_else_on_the_page_is_touched_and_nothing_stays(
    open_notebook, network, data
):
    notebook = open_notebook(network, data, ["network", "neuron", "nudge", "draw"])
    page = notebook.page
    page.wait_for_selector(".pellucid-view[data-theme=light]")
    style = "(el) => getComputedStyle(el).fontFamily + getComputedStyle(el).padding"
    before = page.locator("#own").evaluate(style)
    fonts = page.evaluate("getComputedStyle(document.documentElement).colorScheme")
    assert fonts == "normal"
    page.evaluate("document.body.className = 'dark'")
    page.wait_for_selector(".pellucid-view[data-theme=dark]")
    page.evaluate("down()")
    assert page.evaluate("document.getElementById('el').children.length") == 0
    assert page.evaluate("listeners()") == 0
    page.evaluate("document.querySelector('style:last-of-type').remove()")
    assert page.locator("#own").evaluate(style) == before


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_notebook, network, data, theme):
    kinds = ["network", "neuron", "nudge", "draw"]
    place = {"layer": 1, "neuron": 3, "input": None}
    notebook = open_notebook(network, data, kinds, place=place)
    notebook.page.evaluate("(theme) => { document.body.className = theme; }", theme)
    notebook.page.wait_for_selector(f".pellucid-view[data-theme={theme}]")
    notebook.settle()
    assert findings(notebook) == []


def test_the_theme_is_that_of_the_page_however_its_colour_is_written(
    open_notebook, network, data
):
    page = open_notebook(network, data).page
    for theme, colour in [
        ("light", "oklch(0.98 0 0)"),
        ("dark", "oklch(0.2 0 0)"),
        ("light", "color(display-p3 0.9 0.9 0.9)"),
        ("dark", "rgb(20 20 20)"),
    ]:
        page.evaluate(
            "(colour) => { document.body.style.background = colour; }", colour
        )
        page.wait_for_selector(f".pellucid-view[data-theme={theme}]")


@pytest.mark.parametrize("width", [390, 1000])
def test_it_fits_the_width(open_notebook, network, data, width):
    notebook = open_notebook(network, data, list(widget.KINDS)[:4], width=width)
    notebook.page.wait_for_selector("[data-view=network] canvas")
    size = notebook.page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert np.diff(size)[0] >= 0


def test_a_record_needs_nothing_but_itself(browser, network, data, tmp_path):
    try:
        shown = view(network, data, ["network", "neuron"])
    except InputError as error:
        pytest.skip(str(error))
    shown.place = {"layer": 1, "neuron": 2, "input": None}
    first = float(inside(network, data).z[1][0, 2])
    for report in train(network, data, epochs=1, every=10):
        shown.show(network, report)
    shown.save(tmp_path / "view.html")
    context = browser.new_context(offline=True)
    page, asked, trouble = context.new_page(), [], []
    page.set_default_timeout(PATIENCE_MS)
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda said: trouble.append(said.text))
    page.goto((tmp_path / "view.html").as_uri())
    page.wait_for_selector(".pellucid-record[data-shown=yes]")
    page.wait_for_selector(f"[data-view=network][data-step='{report.step}']")
    page.locator(".record-steps input").fill("0")
    page.wait_for_selector("[data-view=network][data-step='0']")
    terms = page.locator("[data-view=neuron] dd", has_text=signed(first))
    terms.first.wait_for()
    context.close()
    assert not trouble
    assert all(url.startswith("file:") for url in asked)
