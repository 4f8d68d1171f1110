"""Draw: by hand, keys and file; the network's answer is the library's for that ink."""

import base64
import io

import numpy as np
import pytest

from browser.shown import number, probability
from pellucid.data.images import digit
from pellucid.links import parse
from pellucid.recipes import build, run
from pellucid.run_data import open_data

expect = pytest.importorskip("playwright.sync_api").expect

STEP = 120  # three epochs of five
LINK = f"data=digits&layers=16,&epochs=5&seed=3&step={STEP}"
STROKE = [(0.35, 0.25), (0.62, 0.25), (0.5, 0.5), (0.42, 0.8)]


@pytest.fixture(scope="module")
def known():
    recipe = parse(LINK).recipe
    data = open_data(recipe)
    network = build(recipe, data)
    for report in run(recipe, network, data):
        if report.step == STEP:
            break
    return data, network


@pytest.fixture
def pad(open_page, known):
    driven = open_page()
    driven.open(LINK)
    driven.body(f"[data-sha='{known[1].weights_sha256()}']")
    driven.button("Draw").click()
    driven.page.wait_for_selector(".draw-pad")
    return driven


def stroke(driven) -> None:
    box = driven.page.locator(".draw-pad").bounding_box()
    mouse = driven.page.mouse
    for n, (x, y) in enumerate(STROKE):
        mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        if n == 0:
            mouse.down()
    mouse.up()


def ink(driven) -> np.ndarray:
    """What lies on the pad, 0 to 255."""
    text = driven.page.evaluate(
        "() => { const c = document.querySelector('.draw-pad canvas');"
        "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        "let s = ''; for (let i = 0; i < d.length; i += 4) s += String.fromCharCode("
        "Math.round(0.299 * d[i] + 0.587 * d[i + 1] + 0.114 * d[i + 2]));"
        "return btoa(s); }"
    )
    raw = np.frombuffer(base64.b64decode(text), np.uint8)
    side = int(len(raw) ** 0.5)
    return raw.reshape(side, side)


def seen(data, image, **words) -> np.ndarray:
    """The library's input for a picture, (1, n_0)."""
    frame = digit.framing(data)
    steps = digit.to_input(image, **{**frame, **words})
    return steps[-1].image.reshape(1, -1).astype(np.float32)


def answers(driven, network, x) -> None:
    """The page's ten outputs become the network's for x."""
    for j, p in enumerate(network(x)[0]):
        shown = driven.page.locator(".draw-outputs dd:not(.trough)").nth(j)
        expect(shown).to_have_text(probability(float(p)))
    top = int(network(x)[0].argmax())
    expect(driven.page.locator(".draw-best")).to_have_text(str(top))


def test_a_long_rail_does_not_make_the_page_scroll(pad):
    stroke(pad)
    pad.page.wait_for_selector(".draw-steps, .draw-best")
    pad.settle()
    assert pad.page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0


def test_a_stroke_is_answered_as_the_library_does(pad, known):
    data, network = known
    stroke(pad)
    pad.settle()
    drawn = ink(pad)
    assert drawn.max() == 255
    answers(pad, network, seen(data, drawn / 255.0, polarity="bright"))


def test_the_steps_are_seen_and_can_be_left_out(pad, known):
    data, network = known
    stroke(pad)
    names = pad.page.locator(".draw-steps button")
    expect(names.first).to_contain_text("grey")
    expect(names.last).to_contain_text("input")
    assert names.count() > 4
    pad.page.get_by_label("Normalise").uncheck()
    plain = seen(data, ink(pad) / 255.0, polarity="bright", steps=("polarity",))
    answers(pad, network, plain)


def test_shift_and_inversion_at_a_click(pad, known):
    data, network = known
    stroke(pad)
    x = seen(data, ink(pad) / 255.0, polarity="bright")
    pad.page.get_by_role("button", name="Shift right").click()
    image = x.reshape(8, 8)
    moved = np.zeros_like(image)
    moved[:, 1:] = image[:, :-1]
    answers(pad, network, moved.reshape(1, -1))
    pad.button("Back to no shift").click()
    pad.page.get_by_label("Inverted").check()
    answers(pad, network, 1 - x)


def test_noise_changes_with_its_seed_only(pad):
    stroke(pad)
    slider = pad.page.get_by_role("slider", name="Noise")
    slider.fill("0.5")
    expect(pad.page.locator(".draw-steps button").last).to_contain_text("noise")
    pad.settle()
    first = pad.page.locator(".draw-outputs").inner_text()
    pad.button("Other noise").click()
    expect(pad.page.locator(".draw-outputs")).not_to_have_text(first)


def test_draw_by_keyboard_alone(pad, known):
    data, network = known
    press = pad.page.keyboard.press
    for _ in range(80):
        if pad.page.evaluate("document.activeElement.className") == "draw-pad":
            break
        press("Tab")
    step = pad.data("step")
    press(" ")
    for _ in range(12):
        press("ArrowDown")
    press(" ")
    pad.settle()
    drawn = ink(pad)
    rows = np.flatnonzero(drawn.max(1) > 127)
    assert rows[-1] - rows[0] > 12 * 5
    answers(pad, network, seen(data, drawn / 255.0, polarity="bright"))
    assert pad.data("step") == step and pad.data("phase") != "training"
    press("Delete")
    assert ink(pad).max() == 0


def test_an_image_file_is_read_as_the_library_reads_it(pad, known, tmp_path):
    pytest.importorskip("PIL")
    from PIL import Image, ImageDraw

    data, network = known
    paper = Image.new("L", (200, 160), 235)
    ImageDraw.Draw(paper).line(
        [(80, 30), (120, 30), (100, 90), (90, 130)], fill=30, width=14
    )
    path = tmp_path / "seven.png"
    paper.save(path)
    pad.page.locator(".draw-view input[type=file]").set_input_files(str(path))
    answers(pad, network, seen(data, digit.read_image(path)))
    stored = io.BytesIO()
    paper.save(stored, "PNG")
    assert path.read_bytes() == stored.getvalue()  # it is not changed


def test_drawn_while_it_trains(pad):
    stroke(pad)
    pad.settle()
    pad.page.get_by_label("Epochs").first.focus()
    run = pad.data("run")
    pad.page.keyboard.press("End")
    pad.body(f":not([data-run='{run}'])")
    pad.page.wait_for_selector("[data-view=draw][data-step]:not([data-step='0'])")
    first = pad.page.locator("[data-view=draw]").get_attribute("data-step")
    pad.page.wait_for_selector(f"[data-view=draw]:not([data-step='{first}'])")
    expect(pad.page.locator(".draw-best")).not_to_have_text("")


def test_what_it_is_meant_to_be_gives_it_a_cost(pad, known):
    data, network = known
    stroke(pad)
    pad.settle()
    x = seen(data, ink(pad) / 255.0, polarity="bright")
    pad.page.get_by_label("What it is meant to be").select_option("7")
    pad.button("Open one step").click()
    cost = -np.log(network(x)[0, 7].astype(float))
    total = pad.page.locator(".opened-terms tr.is-sum td").last
    expect(total).to_have_text(number(cost))


def test_draw_with_a_finger_on_a_phone(open_page, known):
    data, network = known
    phone = open_page(390, 844, has_touch=True)
    phone.open(LINK)
    phone.body(f"[data-sha='{network.weights_sha256()}']")
    phone.page.get_by_role("button", name="Draw", exact=True).first.click()
    pad = phone.page.locator(".draw-pad")
    pad.scroll_into_view_if_needed()
    box, top = pad.bounding_box(), phone.page.evaluate("scrollY")
    touch = phone.page.context.new_cdp_session(phone.page)

    def send(kind, *points):
        at = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
            for x, y in points
        ]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    send("touchStart", STROKE[0])
    for point in STROKE[1:]:
        send("touchMove", point)
    send("touchEnd")
    phone.settle()
    drawn = ink(phone)
    rows = np.flatnonzero(drawn.max(1) > 127)
    assert rows[-1] - rows[0] > 0.5 * len(drawn)  # down the pad, not a dot
    assert phone.page.evaluate("scrollY") == top  # and the page stood still
    answers(phone, network, seen(data, drawn / 255.0, polarity="bright"))
