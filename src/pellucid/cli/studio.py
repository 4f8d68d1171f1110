"""`pellucid studio`: the page on which a network in training can be touched."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import recipes
from .._arrays import check_number
from .._errors import InputError
from .options import DataDir, Runs
from .show import say, warn

HOST = "127.0.0.1"


def studio(
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="A run's folder or number.")
    ] = None,
    port: Annotated[
        int, typer.Option(metavar="NUMBER", help="Or the next that is free; 0: any.")
    ] = 8765,
    host: Annotated[
        str, typer.Option(metavar="NAME", help="Where it listens: this machine only.")
    ] = HOST,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open it in the browser.")
    ] = True,
    link: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The run to open with.")
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(metavar="NAME", help=", ".join(recipes.RECIPES))
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="NAME", help="See pellucid data.")
    ] = None,
    data_dir: DataDir = None,
    runs: Runs = "runs",
) -> None:
    """Train, draw, look inside and nudge in the browser.

    It answers to this machine only, and to whoever has the address that it prints.
    Ctrl-C ends it.
    """
    from platformdirs import user_state_path

    from ..links import Link, of_address, parse
    from ..runs import index
    from ..studio.server import LOOPBACK, Server, bind, forget_token, token_for
    from ..studio.studio import Studio

    check_number("port", port, least=0, most=65535, whole=True)
    if (run is not None) + (link is not None) + bool(recipe or data) > 1:
        raise InputError(
            "a run or a link says all; leave recipe, data and the other of them out."
        )
    if link is None:
        begin = Link(_first(recipe, data, data_dir))
    else:
        begin = parse(of_address(link))
    folder = None if run is None else index.named(run, runs)
    opened = Studio(begin, runs, data_dir, opens=folder)
    if opened.opening is not None:
        say(f"Opened: {opened.opening.sentence}")
    if host not in LOOPBACK:
        warn(
            "the studio now listens to the network, without encryption: whoever sees "
            "the address can use it. Leave --host out to keep it on this machine."
        )
    listening = bind(host, port)
    chosen = listening.getsockname()[1]
    secrets = Path(user_state_path("pellucid"))
    server = Server(opened, listening, host, token_for(chosen, secrets))
    say(f"The studio is open at {server.opened}")
    say("Ctrl-C ends it.")
    if open_page:
        webbrowser.open(server.opened)
    try:
        server.listen()
    finally:
        forget_token(chosen, secrets)


def _first(
    recipe: str | None, data: str | None, data_dir: str | None
) -> recipes.Settings:
    """The settings that it opens with: of the lectures, on data that are there."""
    changes: dict[str, Any] = {} if data is None else {"data": data}
    if recipe is not None:
        return recipes.settings(recipe, **changes)
    if data is None:
        changes["data"] = "mnist" if _is_there("mnist", data_dir) else "digits"
    return recipes.settings("3b1b", **changes)


def _is_there(name: str, data_dir: str | None) -> bool:
    """Whether a data set is on this machine already."""
    from ..data.published.mnist import folders

    places = folders() if data_dir is None else [Path(data_dir)]
    return any((folder / name).is_dir() for folder in places)
