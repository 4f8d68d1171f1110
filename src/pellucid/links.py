"""A run as a line of text, a link: what differs from a recipe, the step, the edits.

    recipe=nielsen-30&layers=16,16&seed=4&step=1200&edits=600:1.5.b:0.25

Everything in it is parsed strictly; nothing in it is a path that is opened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, cast
from urllib.parse import quote, unquote

from . import _limits, recipes
from ._arrays import choose, is_finite
from ._errors import InputError
from .data import DATASETS
from .recipes import DEFAULTS, KINDS, RECIPES, Settings
from .training.edits import Edit, parse_edits

END = "end"
WHOLE = re.compile(r"\d{1,10}", re.ASCII)
PLAIN = "/.:-_+="
"""Characters of a text, besides letters and digits, that stay as they are."""


@dataclass(frozen=True)
class Link:
    """What the text of a link says.

    Attributes:
        recipe: all settings.
        step: where it stands; None: at its end.
        edits: in the order of their steps.
    """

    recipe: Settings
    step: int | None = 0
    edits: tuple[Edit, ...] = ()

    def to_text(self) -> str:
        """The shortest text that `parse` reads back to the same."""
        texts = [_differing(self.recipe, name, base) for name, base in _bases().items()]
        words = min(texts, key=len)
        if self.step != 0:
            words = {**words, "step": END if self.step is None else str(self.step)}
        if self.edits:
            words["edits"] = ";".join(edit.to_text() for edit in self.edits)
        return "&".join(f"{name}={value}" for name, value in words.items())

    @property
    def settings(self) -> Settings:
        """The recipe with the edits: what a run's folder holds."""
        return with_edits(self.recipe, self.edits)

    @property
    def named(self) -> bool:
        """Whether the data are a set of ours, which every machine can have."""
        plain = self.recipe["data"].lower().replace("-", "_")
        return plain in DATASETS and self.recipe["test_file"] is None


@cache
def _bases() -> dict[str | None, Settings]:
    """What a link may begin with: nothing, or the name of a recipe."""
    found: dict[str | None, Settings] = {None: DEFAULTS}
    for name in RECIPES:
        found[name] = recipes.settings(name)
    return found


def _differing(recipe: Settings, name: str | None, base: Settings) -> dict[str, str]:
    """The settings that are not those of a base, as texts; first its name."""
    words: dict[str, Any] = dict(recipe)
    known: dict[str, Any] = dict(base)
    found = {} if name is None else {"recipe": name}
    for key, value in words.items():
        if value != known[key]:
            found[key] = _spell(key, value)
    return found


def _spell(name: str, value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        some = [_quoted(str(each)) for each in value]
        # With a comma at its end it is a list, however many there are.
        return ",".join(some) + ("," if len(some) < 2 else "")
    if isinstance(value, str):
        text = _quoted(value)
        return "%6Eone" if text == "none" else text
    return repr(float(value) if KINDS[name][0] is float else value)


def _quoted(text: str) -> str:
    # What is half a character came out of a file; it is refused when it is read.
    return quote(text, safe=PLAIN, errors="surrogatepass").replace("~", "%7E")


def parse(text: str) -> Link:
    """The run that a text names.

    Raises:
        InputError: it is no link.
    """
    if len(text) > _limits.STUDIO_LINK_CHARACTERS:
        raise InputError(
            f"a link must have at most {_limits.STUDIO_LINK_CHARACTERS:,} characters "
            f"(limit STUDIO_LINK_CHARACTERS); got {len(text):,}."
        )
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(
            "a link must be whole characters; got half of one, an unpaired surrogate."
        ) from None
    words = _pairs(text)
    name = words.pop("recipe", None)
    step = words.pop("step", "0")
    edits = words.pop("edits", "")
    if name is not None:
        choose("recipe", name, RECIPES)
    settings: dict[str, Any] = dict(recipes.settings(name) if name else DEFAULTS)
    for key, value in words.items():
        choose("setting", key, DEFAULTS)
        settings[key] = _value(key, value)
    checked = recipes.check(settings, "the link")
    found = parse_edits(edits.split(";") if edits else [], "a link")
    return Link(exact(checked), _step(step), found)


def with_edits(recipe: Settings, edits: tuple[Edit, ...]) -> Settings:
    """Settings that say what was set by hand; without edits they are the recipe."""
    if not edits:
        return recipe
    return {**recipe, "edits": [edit.to_text() for edit in edits]}


def link_of(settings: Settings, step: int | None = None) -> Link:
    """The link of a run with these settings at a step; None: at its end.

    Raises:
        InputError: the settings are none that a link can say.
    """
    recipe = cast(Settings, {name: dict(settings)[name] for name in DEFAULTS})
    return Link(exact(recipe), step, recipes.edits_of(settings))


def of_address(text: str) -> str:
    """The link in an address of the studio: what stands between # and ~.

    A link by itself stays what it is.

    Raises:
        InputError: an address without a link.
    """
    text = text.strip()
    before, hash_, after = text.partition("#")
    if not hash_ and "://" in text:
        raise InputError(
            "an address of the studio must have the run after #; got one without. Copy "
            "it from the browser once the page shows the run."
        )
    return (after if hash_ else before).partition("~")[0]


def exact(settings: Settings) -> Settings:
    """The settings with a whole number as a float where floats belong."""
    words: dict[str, Any] = dict(settings)
    for name, kinds in KINDS.items():
        if kinds[0] is float and words[name] is not None:
            if not is_finite(words[name]):
                raise InputError(f"{name} must be a finite number.")
            words[name] = float(words[name])
    return cast(Settings, words)


def _pairs(text: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for pair in text.split("&") if text else []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise InputError(
                f"a link must be words like layers=30 with & between; got {pair!r:.40}."
            )
        if name in words:
            raise InputError(f"a link must say {name!r:.40} once; it stands twice.")
        words[name] = value
    return words


def _step(text: str) -> int | None:
    if text == END:
        return None
    if not WHOLE.fullmatch(text):
        raise InputError(
            f"the step of a link must be a whole number or {END}; got {text!r:.40}."
        )
    return int(text)


def _value(name: str, text: str) -> Any:
    """The value of a setting."""
    kinds = KINDS[name]
    if text == "none" and type(None) in kinds:
        return None
    if list[int] in kinds:
        return [_number(name, each, int) for each in text.split(",") if each]
    if list[str] in kinds and ("," in text or str not in kinds):
        return [_text(name, each) for each in text.removesuffix(",").split(",")]
    if str in kinds:
        return _text(name, text)
    return _number(name, text, kinds[0])


def _text(name: str, text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise InputError(f"{name} of a link must be UTF-8; it is not.") from None


def _number(name: str, text: str, kind: Any) -> Any:
    try:
        if not text.isascii() or "_" in text or len(text) > 40:
            raise ValueError
        found = kind(text)
    except ValueError:
        must = "a whole number" if kind is int else "a number"
        raise InputError(f"{name} must be {must}; got {text!r:.40}.") from None
    if not is_finite(found):
        raise InputError(f"{name} must be a finite number; got {text!r:.40}.")
    return found
