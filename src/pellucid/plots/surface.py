"""The cost as a surface over two directions, with the path of descent.

A network with two parameters has this surface exactly. Of a larger one it is a cut
through its own parameters: along the two directions in which its path went furthest,
or along two random ones. The path then need not lie in the cut: each of its points
is drawn at its true cost, and `gap` says how far that is from the surface.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .. import _limits
from .._arrays import Array, check_number
from .._errors import InputError
from .._random import stream
from ..mathematics.backprop import feedforward
from ..mathematics.costs import Cost, mean
from ..mathematics.network import Network, Parameters
from .display import INK, NEGATIVE, Display, dress, label, panels, percent, short
from .pictures import dense

SIDE = 41  # points along each side of the surface
MARGIN = 0.25  # of the path's extent, around it
STEEP = 30.0  # a surface that rises by more than this factor is drawn on a log scale
LEVELS = 16
FLAT = "#ffffff"


@dataclass(frozen=True, eq=False, repr=False)
class SurfaceDisplay(Display):
    """Contours of the cost and the same in 3-D, with the path of descent.

    Without an Axes, `plot` draws both; on a 3-D Axes it draws the surface, on any
    other the contours.

    Attributes:
        u: first coordinate, (k,).
        v: second coordinate, (k,).
        cost: (k, k): cost[i, j] at (u[j], v[i]).
        path: (n, 2), the start first; None: no path.
        path_cost: the true cost of each point of the path, (n,).
        names: what the two coordinates are.
        explained: share of the path's variance that lies in this plane; None: all.
        gap: largest difference between the true cost on the path and the surface
            at its place; 0 where the surface is exact.
        of: what it is the cost of, for the title.
    """

    u: Array
    v: Array
    cost: Array
    path: Array | None = None
    path_cost: Array | None = None
    names: tuple[str, str] = ("w", "b")
    explained: float | None = None
    gap: float = 0.0
    of: str = ""
    size = (13.0, 5.6)

    @classmethod
    def from_function(
        cls,
        function: Callable[[Array, Array], Array],
        u: tuple[float, float],
        v: tuple[float, float],
        path: Array | None = None,
        names: tuple[str, str] = ("w", "b"),
    ) -> Self:
        """A cost of two parameters.

        Args:
            function: (u, v) arrays to the cost, element by element.
            u: range of the first.
            v: range of the second.
            path: (n, 2), the points that a descent went through.
            names: of the two parameters.
        """
        first, second = np.linspace(*u, SIDE), np.linspace(*v, SIDE)
        cost = np.asarray(function(*np.meshgrid(first, second)), dtype=np.float64)
        walked = None if path is None else np.asarray(path, dtype=np.float64)
        true = None if walked is None else np.asarray(function(*walked.T), np.float64)
        return cls(first, second, cost, walked, true, names)

    @classmethod
    def from_path(
        cls, network: Network, cost: Cost, x: Array, y: Array, thetas: Sequence[Array]
    ) -> Self:
        """The plane in which the path of θ went furthest, through its end.

        A network of two parameters gets them as its axes.

        Args:
            network: whose sizes and activations θ belongs to.
            cost: defined with its output.
            x: inputs that the cost is the mean over, (m, n_0).
            y: their targets, (m, n_L).
            thetas: θ after each step, the start first, two or more of (P,).

        Raises:
            InputError: fewer than two, another length, or all of them the same.

        Source: Li et al. 2018, "Visualizing the Loss Landscape of Neural Nets", 7.
        """
        points = _stacked(network, thetas)
        end = points[-1]
        if points.shape[1] == 2:
            axes, explained, names = np.eye(2), None, ("weight w", "bias b")
            end = np.zeros(2)
        else:
            axes, explained = _principal(points - end)
            names = ("principal direction 1", "principal direction 2")
        flat = (points - end) @ axes.T
        measure = _measure(network, cost, x, y)
        u, v = _range(flat[:, 0]), _range(flat[:, 1])
        grid = _grid(measure, end, axes, u, v)
        true = np.array([measure(point) for point in points])
        below = np.array([measure(end + place @ axes) for place in flat])
        gap = float(np.nanmax(np.abs(true - below)))
        gap = 0.0 if explained is None else gap
        return cls(u, v, grid, flat, true, names, explained, gap, _of(network, x))

    @classmethod
    def from_network(
        cls,
        network: Network,
        cost: Cost,
        x: Array,
        y: Array,
        seed: int = 0,
        reach: float = 1.0,
    ) -> Self:
        """Two random directions through a network, each unit's as long as its weights.

        Args:
            network: it stands in the middle, at (0, 0).
            cost: defined with its output.
            x: inputs, (m, n_0).
            y: targets, (m, n_L).
            seed: of the directions.
            reach: how far to go, in lengths of the weights, > 0.

        Source: Li et al. 2018, 4: filter-wise normalised directions.
        """
        check_number("reach", reach, above=0)
        random = stream(seed, "surface")
        axes = np.stack([_filter_normalised(network, random) for _ in range(2)])
        measure = _measure(network, cost, x, y)
        end = np.asarray(network.parameters.theta, dtype=np.float64)
        side = np.linspace(-reach, reach, SIDE)
        here = np.zeros((1, 2))
        names = ("random direction 1", "random direction 2")
        return cls(
            side, side, _grid(measure, end, axes, side, side), here,
            np.array([measure(end)]), names, of=_of(network, x),
        )  # fmt: skip

    @property
    def alt(self) -> str:
        """What the figure shows."""
        known = self.cost[np.isfinite(self.cost)]
        text = (
            f"Cost{self.of} over {self.names[0]} and {self.names[1]}, from "
            f"{short(known.min())} to {short(known.max())}"
        )
        if self.path is not None and self.path_cost is not None and len(self.path) > 1:
            text += (
                f"; the path of {len(self.path)} points goes from cost "
                f"{short(self.path_cost[0])} to {short(self.path_cost[-1])}"
            )
        elif self.path_cost is not None:
            text += f"; the network in the middle has {short(self.path_cost[0])}"
        if self.explained is not None:
            text += (
                f". The plane holds {percent(self.explained)} of the path's variance; "
                f"the path's true cost is up to {short(self.gap)} off the surface"
            )
        return f"{text}."

    def _draw(self, ax: Any) -> list[Any]:
        if ax.name == "3d":
            self._draw_surface(ax)
            return [ax]
        self._draw_contours(ax)
        return [ax]

    def _draw_alone(self, ax: Any) -> list[Any]:
        left, right = panels(ax, 1, 2, projections=[None, "3d"], width_ratios=(1, 1.1))
        self._draw_contours(left)
        self._draw_surface(right)
        return [left, right]

    def _log(self) -> bool:
        known = self.cost[np.isfinite(self.cost)]
        return bool(known.min() > 0 and known.max() > STEEP * known.min())

    def _heights(self, cost: Array) -> Array:
        return np.log10(cost) if self._log() else cost

    def _draw_contours(self, ax: Any) -> None:
        height = np.ma.masked_invalid(self._heights(self.cost))
        drawn = ax.contourf(self.u, self.v, height, LEVELS, cmap="cividis")
        ax.contour(self.u, self.v, height, LEVELS, colors=FLAT, linewidths=0.5,
                   alpha=0.6, linestyles="solid")  # fmt: skip
        if self.path is not None:
            _walk(ax, self.path.T)
            ax.legend(fontsize=12, loc="best", frameon=True, framealpha=0.9)
        bar = ax.figure.colorbar(drawn, ax=ax, pad=0.02)
        bar.ax.tick_params(labelsize=12)
        bar.set_label("cost", fontsize=13)
        self._ticks(bar.ax.yaxis)
        title = "Contours of the cost" + (" (log scale)" if self._log() else "")
        first, second = map(label, self.names)
        dress(ax, title, first, second, grid="")

    def _draw_surface(self, ax: Any) -> None:
        height = np.ma.masked_invalid(self._heights(self.cost))
        u, v = np.meshgrid(self.u, self.v)
        ax.plot_surface(u, v, height, cmap="cividis", rstride=1, cstride=1, alpha=0.9,
                        linewidth=0, antialiased=True)  # fmt: skip
        if self.path is not None and self.path_cost is not None:
            # Sorted by depth, the line would vanish in the surface it lies on.
            ax.computed_zorder = False
            _walk(ax, (*self.path.T, self._heights(self.path_cost)))
        first, second = map(label, self.names)
        dress(ax, "The same as a surface", first, second, grid="")
        ax.view_init(elev=38, azim=-60)
        ax.tick_params(labelsize=12, pad=1)
        for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
            axis.set_major_locator(_few())
            axis.labelpad = 9
        ax.set_zlabel("cost", fontsize=13)
        self._ticks(ax.zaxis)
        ax.set_box_aspect(None, zoom=0.92)

    def _ticks(self, axis: Any) -> None:
        """Heights as costs: on a log scale the axis holds exponents."""
        if self._log():
            axis.set_major_formatter(lambda value, _: short(10.0**value, 2))


def _few() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(4)


def _walk(ax: Any, coordinates: Any) -> None:
    """The path: a line with its start and its end."""
    points = np.array(coordinates)
    if points.shape[1] > 1:
        ax.plot(*points, color=FLAT, lw=4.5, zorder=5)
        ax.plot(*points, color=NEGATIVE, lw=2.4, marker=".", ms=7, zorder=6,
                label="path")  # fmt: skip
        ax.plot(*points[:, :1], marker="s", ms=10, color=NEGATIVE, mec=FLAT, mew=1.5,
                ls="none", zorder=7, label="start")  # fmt: skip
    ax.plot(*points[:, -1:], marker="*", ms=19, color="#ffd84d", mec=INK, mew=1.5,
            ls="none", zorder=8,
            label="end" if points.shape[1] > 1 else "the network")  # fmt: skip


def _stacked(network: Network, thetas: Sequence[Array]) -> Array:
    """The path as (n, P) float64."""
    count = network.parameters.theta.size
    if len(thetas) < 2:
        raise InputError(
            f"thetas must be two or more points of the path; got {len(thetas)}. Keep "
            "network.parameters.theta.copy() at each report."
        )
    if len(thetas) * count > _limits.PATH_NUMBERS:
        raise InputError(
            f"a path may have {_limits.PATH_NUMBERS:,} numbers (limit PATH_NUMBERS); "
            f"{len(thetas)} points of {count:,} parameters are more. Pass fewer points."
        )
    for theta in thetas:
        if np.shape(theta) != (count,):
            raise InputError(
                f"each of thetas must be ({count},), all parameters of the network; "
                f"got {np.shape(theta)}."
            )
    points = np.array(thetas, dtype=np.float64)
    if not (points != points[0]).any():
        raise InputError("thetas must differ; every point of the path is the same.")
    return points


def _principal(points: Array) -> tuple[Array, float]:
    """The two orthonormal directions, (2, P), that hold most of these points.

    By the small matrix of inner products, (n, n): P may be millions.
    """
    values, vectors = np.linalg.eigh(points @ points.T)
    order = np.argsort(values)[::-1][:2]
    top = np.maximum(values[order], 0.0)
    explained = float(top.sum() / max(np.maximum(values, 0.0).sum(), 1e-300))
    axes = vectors[:, order].T @ points
    length = np.linalg.norm(axes, axis=1, keepdims=True)
    axes /= np.where(length > 0, length, 1.0)
    if top[1] <= top[0] * 1e-12:  # the path is straight: any second direction will do
        axes[1] = 0.0
        axes[1, int(np.abs(axes[0]).argmin())] = 1.0
        axes[1] -= (axes[1] @ axes[0]) * axes[0]
        axes[1] /= np.linalg.norm(axes[1])
    # An eigenvector has no sign of its own: let the start lie on the right and above.
    sign = np.where(axes @ points[0] < 0, -1.0, 1.0)
    return axes * sign[:, None], explained


def _filter_normalised(network: Network, random: Any) -> Array:
    """A random direction, (P,): each unit's part as long as its weights; no biases."""
    theta = np.zeros(network.parameters.theta.size)
    direction = Parameters(network.sizes, theta)
    for l in range(1, network.L + 1):
        w = np.asarray(network.w[l], dtype=np.float64)
        drawn = random.standard_normal(w.shape)
        length = np.linalg.norm(drawn, axis=1, keepdims=True)
        direction.w[l][:] = drawn / length * np.linalg.norm(w, axis=1, keepdims=True)
    return theta


def _measure(network: Network, cost: Cost, x: Array, y: Array
             ) -> Callable[[Array], float]:  # fmt: skip
    """θ to the mean cost over x, in the network's own precision."""
    kind = network.dtype
    x, y = dense(x).astype(kind), np.asarray(y).astype(kind)
    cost.check(network.sigma[-1], y)

    def measure(theta: Array) -> float:
        parameters = Parameters(network.sizes, theta.astype(kind))
        with np.errstate(all="ignore"):  # far out it may overflow: a hole is drawn
            z, a = feedforward(network.with_parameters(parameters), x)
            return mean(cost(z[-1], a[-1], y))

    return measure


def _grid(measure: Any, end: Array, axes: Array, u: Array, v: Array) -> Array:
    return np.array([[measure(end + s * axes[0] + t * axes[1]) for s in u] for t in v])


def _range(values: Array) -> Array:
    low, high = float(values.min()), float(values.max())
    margin = MARGIN * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, SIDE)


def _of(network: Network, x: Array) -> str:
    return f" of {'-'.join(map(str, network.sizes))} on {x.shape[0]:,} examples"
