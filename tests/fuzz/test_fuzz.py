"""Any bytes: an answer or a sentence. What ever failed, and a share of what is tried.

`run.py` and `foreign.py` try as many as there is time for.
"""

import os
import sys
import warnings
from pathlib import Path
from random import Random

import pytest

from fuzz import foreign
from fuzz.mutate import json_mutant, mutant
from fuzz.run import KEPT, Campaign, mutator
from fuzz.targets import TARGETS
from pellucid import InputError
from pellucid.data.images.folder import decode_images
from pellucid.data.sources import read

FOREIGN = ("csv", "parquet", "npy", "npz", "png", "jpeg", "gif", "bmp")
OURS = 1_000  # mutants of each of our own formats
FILES = 200  # of a run: each is written and read many times
MUTANTS = int(os.environ.get("PELLUCID_MUTANTS", "10000"))  # of each other, when slow
kept = sorted(path for path in KEPT.glob("*/*"))
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux sets them")


@pytest.fixture
def strict():
    """NumPy's warnings are errors; ours, on strange rows, are none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", RuntimeWarning)
        yield


def told(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize(
    "path", [p for p in kept if p.parent.name in TARGETS], ids=told
)
def test_what_failed_once_is_an_answer_or_a_sentence(path, strict):
    TARGETS[path.parent.name].one(path.read_bytes())


@linux
@pytest.mark.parametrize(
    "path", [p for p in kept if p.parent.name in FOREIGN], ids=told
)
def test_what_ended_a_decoder_once_ends_the_product_s_child_at_most(path, strict):
    try:
        if foreign.DECODERS.get(path.parent.name):
            read(path, None if path.parent.name == "npz" else "-1")
        else:
            decode_images([path], None, False, None, "it")
    except InputError as error:
        foreign.sound(str(error))


@pytest.mark.parametrize("name", TARGETS)
def test_mutants_of_our_own_formats(name, strict):
    campaign = Campaign(name, inputs=0, seconds=1e9)
    made, random = mutator(campaign), Random(0)
    for _ in range(FILES if name == "run_folder" else OURS):
        data = made(random.choice(campaign.seeds), random)
        try:
            campaign.target.one(data)
        except Exception as error:
            error.add_note(f"{name}: {data!r:.2000}")
            raise


def test_seeds_are_accepted(monkeypatch):
    """Else nothing but the first refusal would be tried."""
    from fuzz import targets

    def accepted(call):
        try:
            return call()
        except InputError as error:
            raise AssertionError(str(error)) from None

    monkeypatch.setattr(targets, "refuses", accepted)
    for name in ("model", "model_header", "idx", "history", "history_csv"):
        for data in TARGETS[name].seeds():
            TARGETS[name].one(data)


def test_mutants_differ_and_are_the_same_for_a_seed():
    data = TARGETS["settings"].seeds()[0]
    for made in (mutant, json_mutant):
        found = [made(Random(seed), data) for seed in range(50)]
        assert len(set(found)) > 40
        assert found == [made(Random(seed), data) for seed in range(50)]


@linux
@pytest.mark.parametrize("kind", FOREIGN)
def test_damaged_files_are_read_or_refused(kind):
    ends = foreign.campaign(kind, 150)
    assert ends.total() - ends["slowest_ms"] == 150
    assert ends["refused"] > 5 < ends["read"], ends
    assert not ends["died"] + ends["hung"] + ends["broken"], ends


@linux
@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("kind", FOREIGN)
def test_many_damaged_files_are_read_or_refused(kind):
    ends = foreign.campaign(kind, MUTANTS)
    print(kind, dict(ends))
    assert not ends["hung"] + ends["broken"], ends
    assert ends["slowest_ms"] < 1000 * foreign.HANG
