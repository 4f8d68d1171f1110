"""The studio's views in a notebook, beside the code that trains.

view = pellucid.notebook.view(network, data, "network")
for report in train(network, data, epochs=3, every=20):
    view.show(network, report)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._errors import InputError
from ..data import Dataset
from ..mathematics.costs import Cost
from ..mathematics.network import Network
from ..views.host import Host
from ..views.shown import of_network, of_run

if TYPE_CHECKING:
    from .widget import View

__all__ = ["view"]


def view(
    shown: Network | str | Path,
    data: Dataset | None = None,
    kind: str | Sequence[str] = "network",
    *,
    step: int | None = None,
    cost: str | Cost | None = None,
    data_dir: str | None = None,
    **looks: Any,
) -> View:
    """One of the studio's views, or several that share what is selected.

    Args:
        shown: a network, of which a copy is shown; or the folder of a run.
        data: with inputs and targets as the network's; of a run its own where left
            out.
        kind: "network", "neuron", "nudge", "draw", "boundary" (of two features),
            "opened" (of a run that was gone to a step); or a list of these.
        step: of a run the step to go to, with the bits that it had there, and from
            which it can be gone on with; of a network the updates it is said to have.
        cost: what is minimised; None: what belongs to the output, or to the run.
        data_dir: where the data sets are.
        looks: what the widget begins with: example, place, lens, scope, edges,
            perceptrons, silent.

    Raises:
        InputError: the words do not fit each other, or anywidget is not installed.
    """
    needed()
    from .widget import View

    if isinstance(shown, Network):
        found = of_network(shown, data, cost, step or 0)
    elif isinstance(shown, str | Path):
        found = of_run(Path(shown), data, cost, step, data_dir)
    else:
        raise InputError(
            "a view needs a Network, or the folder of a run; got a "
            f"{type(shown).__name__}."
        )
    return View(Host(found), kind, looks)


def needed() -> None:
    """Check that there is what shows widgets.

    Raises:
        InputError: there is not.
    """
    try:
        import anywidget  # noqa: F401
    except ImportError:
        raise InputError(
            "views in a notebook need the package anywidget; it is not installed. "
            "pip install 'pellucid[notebook]'."
        ) from None
