"""The same page in Firefox: train, draw, click, nudge, open a step, phone, dark."""

import io

import pytest

from browser import bidi
from browser.test_train_live import FAST, trained

if bidi.installed() is None:
    pytest.skip("no Firefox here: apt-get install firefox-esr", allow_module_level=True)

SETTLED = "document.body.dataset.asked === '0'"
ARROWS = {"down": "\ue015", "right": "\ue014"}


@pytest.fixture(params=["light", "dark"])
def firefox(request, tmp_path, studio):
    made = bidi.Firefox(tmp_path, dark=request.param == "dark")
    made.dark = request.param == "dark"
    made.size(1440, 900)
    made.open(studio.address)
    yield made
    trouble = made.trouble
    made.end()
    assert not trouble


def opened(firefox, studio, link):
    """The page at a link, settled."""
    firefox.open("about:blank")
    firefox.open(f"http://127.0.0.1:{studio.port}/?session=1#{link}")
    firefox.until(f"document.body.dataset.opened === 'yes' && {SETTLED}")
    firefox.until("!!document.querySelector('[data-view=network] canvas')")


def test_a_lesson_in_firefox(firefox, studio):
    opened(firefox, studio, FAST)
    firefox.click("button", "Train")
    firefox.until(f"document.body.dataset.phase === 'ended' && {SETTLED}")
    network, held = trained(FAST)
    assert firefox.value("document.body.dataset.sha") == network.weights_sha256()
    shown = "document.querySelector('[data-number=accuracy]').innerText"
    assert firefox.value(shown) == f"{100 * held.accuracy:.1f} %"

    firefox.click("button", "Draw")
    way = [(0.35, 0.25), (0.48, 0.25), (0.62, 0.25), (0.5, 0.5), (0.42, 0.8)]
    firefox.drag(".draw-pad", way)
    best = firefox.until("document.querySelector('.draw-best')?.innerText")
    assert best in "0123456789"
    firefox.until(SETTLED)
    assert firefox.value("document.documentElement.scrollHeight - innerHeight") == 0

    firefox.value("document.querySelector('.stage-canvas').focus()")
    firefox.press(ARROWS["right"] + ARROWS["down"])
    firefox.click("[data-view=neuron] canvas")  # one of its weights
    firefox.until("!!document.querySelector('[data-view=nudge] dl')")
    firefox.until(SETTLED)
    assert_scheme(firefox)


def test_a_step_is_opened_in_firefox_and_the_page_fits_a_phone(firefox, studio):
    opened(firefox, studio, f"{FAST}&step=60")
    firefox.click("button", "Open one step")
    rows = "document.querySelectorAll('[data-view=opened] .opened-row').length"
    firefox.until(f"{rows} > 10 && {SETTLED}")
    terms = firefox.value(
        "[...document.querySelectorAll('.opened-terms tr td')].map(e => e.innerText)"
    )
    assert "a" not in terms and len(terms) >= 30
    firefox.size(390, 844)
    firefox.until("innerWidth === 390")
    firefox.until("document.documentElement.scrollWidth <= innerWidth")


def assert_scheme(firefox):
    """That the page is dark where the browser is."""
    from PIL import Image

    with Image.open(io.BytesIO(firefox.picture())) as picture:
        corner = picture.convert("L").getpixel((5, 40))
    assert (corner < 100) == firefox.dark
