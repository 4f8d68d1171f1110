"""The findings: from what was measured to what it means and what to try.

Each is a function of a Look that gives a Finding or None. Their limits were set from
fifty settings that train well and from each illness brought about on purpose; the
tests repeat both. To add one: a function here, or in `lasting`, and its line in the
table at the end.
"""

from __future__ import annotations

import math

import numpy as np

from .._arrays import join
from .._findings import Finding
from .curve import label_curve
from .lasting import AT_ONCE, Rule, copies, tenth, unscaled
from .measures import Look, dead, saturated

MOST_DEAD = 0.5  # share of a layer's units; healthy ones were seen with 0.3
MOST_SATURATED = 0.8  # share of (example, unit) pairs, where nothing is learned
VANISHING, EXPLODING = 1e-2, 1e2  # size of the first layer's δ over that of the last
FADING = 1e-1  # the same where nothing is learned
FAR, NEAR = 2.0, 0.15  # ‖w - w_0‖/‖w_0‖: a step too large, and too small
CRAWLING = 0.25  # the same, where the cost still falls as fast as ever
PACE = 0.01  # the same an epoch, where nothing is learned
ONE_ANSWER = 0.95  # share of the examples
SHAPED = 6  # costs, before which the shape of their curve is not judged here
RISE = 1.25  # of the validation cost over its lowest
KEEPS_FALLING = 0.5  # the training cost, of what it was at the other's lowest


def dead_units(look: Look) -> Finding | None:
    """ReLU units that are 0 for every example."""
    shares = {
        l: float(dead(look.z[l], look.network.sigma[l].name).mean())
        for l in range(1, look.network.L)
    }
    bad = {l: share for l, share in shares.items() if share > MOST_DEAD}
    if not bad:
        return None
    return Finding(
        "dead units",
        {"share_of_layer": bad, "examples": len(look.data)},
        f"{_by_layer(bad)} of the units are 0 for each of {len(look.data):,} examples: "
        "no gradient flows back through a ReLU that is never above 0, so they stay "
        "dead.",
        f"Begin again with η {tenth(look.eta)}, or with hidden='leaky_relu'.",
    )


def _by_layer(shares: dict[int, float]) -> str:
    """Such as `in layer 1 87%`; the first three."""
    told = [f"in layer {l} {share:.0%}" for l, share in list(shares.items())[:3]]
    return join(told, "and") + (" (and more layers)" if len(shares) > 3 else "")


def saturated_units(look: Look) -> Finding | None:
    """Sigmoid-like units whose slope is lost, while nothing is learned."""
    if not (look.stuck and look.tried):
        return None
    last = look.network.L
    # A cross-entropy makes up for the slope of the output: only its hidden layers.
    gentle = look.cost.name in ("cross_entropy", "binary_cross_entropy")
    shares = {
        l: saturated(look.z[l], look.network.sigma[l].name)
        for l in range(1, last if gentle else last + 1)
    }
    bad = {l: share for l, share in shares.items() if share > MOST_SATURATED}
    if not bad:
        return None
    advice = "Begin with initializer='glorot'"
    if last in bad:
        advice += ", take a cross-entropy cost"
    if eta_too_high(look) is not None:
        advice += f", and try η {tenth(look.eta)}"
    return Finding(
        "saturated units",
        {"share_of_layer": bad},
        f"{_by_layer(bad)} of the units' answers lie where the slope is lost (|z| > 5 "
        "for a sigmoid): almost no gradient comes back through them.",
        advice + ".",
    )


def gradient_sizes(look: Look) -> Finding | None:
    """A gradient that vanishes or explodes on its way back."""
    sizes = look.speeds
    if len(sizes) < 3 or not all(0 < size < math.inf for size in sizes):
        return None
    if dead_units(look) is not None:  # then nothing flows, for another reason
        return None
    ratio = sizes[0] / sizes[-1]
    fades = look.stuck and look.tried and ratio < FADING
    measured = {"sizes": sizes, "ratio": ratio}
    told = (
        f"the error δ is {', '.join(f'{size:.2g}' for size in sizes)} in layers 1 to "
        f"{len(sizes)}: the first layer gets {ratio:.2g} of what the last one gets"
    )
    if ratio < VANISHING or fades:
        return Finding(
            "vanishing gradient",
            measured,
            f"{told}, so it hardly learns.",
            "Try hidden='relu' with initializer='auto', or fewer layers.",
        )
    if ratio > EXPLODING:
        return Finding(
            "exploding gradient",
            measured,
            f"{told}, so its steps are far too long.",
            "Begin with initializer='auto', and bound the step with clip=1.",
        )
    return None


def eta_too_high(look: Look) -> Finding | None:
    """Steps so large that the cost jumps, or that nothing is left to learn with."""
    if look.error is not None or not look.tried or copies(look) is not None:
        return None
    costs = look.costs
    jumps = len(costs) >= SHAPED and costs[-1] > 0.5 * costs[0]
    jumps = jumps and label_curve(costs) == "too high"
    far = look.stuck and look.moved is not None and look.moved > FAR
    if not (jumps or far):
        return None
    why = (
        f"the training cost went from {costs[0]:.3g} to {costs[-1]:.3g}, up as well as "
        "down."
        if jumps
        else f"a layer's weights lie {look.moved:.1f} times their own size from where "
        "they began, and the cost is no better than one answer for everything."
    )
    return Finding(
        "learning rate too high",
        {"eta": look.eta, "moved": look.moved, "costs": list(costs)},
        ("" if look.eta is None else f"η is {look.eta:g}; ") + why,
        f"Try η {tenth(look.eta)}; pellucid find-eta measures a good one.",
    )


def eta_too_low(look: Look) -> Finding | None:
    """Steps so small that training would take for ever."""
    moved, costs = look.moved, look.costs
    if look.error is not None or not look.tried or moved is None:
        return None
    if len(costs) < SHAPED:
        return None
    if any(rule(look) for rule in (copies, dead_units, gradient_sizes, eta_too_high)):
        return None
    last = costs[-1 - len(costs) // 3 :]
    falling = last[0] - last[-1] > 0.002 * len(last) * abs(last[-1])
    slow = falling and moved < CRAWLING
    crawls = moved < NEAR or slow or (moved < 1.0 and moved / look.epochs < PACE)
    if not (look.stuck and crawls) and not (slow and label_curve(costs) == "too low"):
        return None
    return Finding(
        "learning rate too low",
        {"eta": look.eta, "moved": moved, "costs": list(costs)},
        ("" if look.eta is None else f"η is {look.eta:g}; ")
        + f"after {look.epochs} epochs the weights have moved by {moved:.1%} of their "
        f"size at most, and the cost went from {costs[0]:.3g} to {costs[-1]:.3g} only.",
        f"Try η {_tenfold(look.eta)}; pellucid find-eta measures a good one.",
    )


def one_answer(look: Look) -> Finding | None:
    """Every example answered with the same class."""
    counts, data = look.counts, look.data
    if counts is None or not look.tried or data.classes is None:
        return None
    top, m = int(counts.argmax()), len(data)
    true = int((data.labels == top).sum())
    if counts[top] < ONE_ANSWER * m or true >= 0.9 * counts[top]:
        return None
    if look.learned and 2 * true > m:
        return None  # of two classes the larger is answered first
    name = data.classes[top]
    in_part = int((look.whole.labels == top).sum())
    return Finding(
        "one answer for everything",
        {"class": name, "answered": int(counts[top]), "of": m, "true": true,
         "true_in_part": in_part, "part": len(look.whole)},
        f'{counts[top]:,} of {m:,} examples are answered "{name}", and {true:,} are '
        f'right. (Of all {len(look.whole):,} in the {look.part} part {in_part:,} are '
        f'"{name}": that is what such a network scores.)',
        _why_stuck(look),
    )  # fmt: skip


def _why_stuck(look: Look) -> str:
    """Advice by what else was found."""
    first = unscaled(look) or copies(look)
    high, flat = eta_too_high(look), saturated_units(look)
    if first is None and high is not None and flat is not None:
        return f"η is too high, and the units are saturated. {high.advice}"
    rules = (eta_too_low, dead_units, gradient_sizes)
    causes = [first, high, *(rule(look) for rule in rules), flat]
    cause = next((found for found in causes if found is not None), None)
    if cause is None:
        return "Try another η (pellucid find-eta), and check the inputs' scale."
    return f"Likely cause: {cause.name}. {cause.advice}"


def never_answered(look: Look) -> Finding | None:
    """Classes that are there and never answered."""
    counts, data = look.counts, look.data
    if counts is None or data.classes is None or not look.tried:
        return None
    if one_answer(look) is not None:
        return None
    true = np.bincount(data.labels, minlength=data.outputs)
    missing = [int(c) for c in np.flatnonzero((counts == 0) & (true >= 5))]
    if not missing:
        return None
    names = [data.classes[c] for c in missing]
    top, rows = int(counts.argmax()), int(true[missing].sum())
    who = f"class {names[0]} is" if len(names) == 1 else (
        f"classes {join(names[:8], 'and')} are"
    )  # fmt: skip
    return Finding(
        "classes never answered",
        {"classes": names, "examples": [int(true[c]) for c in missing],
         "answers": counts.tolist()},
        f"{who} never answered (recall 0), though {rows:,} of {len(data):,} examples "
        f'belong there; "{data.classes[top]}" is answered {int(counts[top]):,} times.',
        _for_the_unanswered(look),
    )  # fmt: skip


def _for_the_unanswered(look: Look) -> str:
    """Advice for classes that are never answered."""
    softmax = look.network.sigma[-1].name == "softmax"
    more = "" if softmax else ", or use softmax with cross-entropy"
    return (
        f"Train longer, or change η by a factor of 3{more}; rare classes need more "
        "examples or weight."
    )


def at_chance(look: Look) -> Finding | None:
    """No better than the most frequent class, where nothing else says why."""
    if look.counts is None or not look.tried:
        return None
    if look.learned:
        return None  # the probabilities say more than the answers
    if any(rule(look) is not None for rule in CAUSES):
        return None
    true = np.bincount(look.data.labels, minlength=look.data.outputs)
    m, base = len(look.data), float(true.max() / true.sum())
    right = float((look.a[-1].argmax(1) == look.data.labels).mean())
    if right > base + 2.0 * math.sqrt(base * (1.0 - base) / m):
        return None
    return Finding(
        "accuracy at chance",
        {"accuracy": right, "most_frequent": base, "examples": m},
        f"{right:.1%} of {m:,} examples are right; always answering the most "
        f"frequent class gives {base:.1%}. Nothing that holds for new examples has "
        "been learned.",
        "Check that inputs and labels belong together (shuffled apart?), and that the "
        "inputs can tell the classes at all.",
    )


def over_fitting(look: Look) -> Finding | None:
    """The cost of unseen examples rises while that of the seen falls."""
    seen = [r for r in look.history if r.epoch and r.monitor_cost is not None]
    if len(seen) < 5 or seen[-1].monitor == "train" or look.stuck:
        return None
    costs = np.array([r.monitor_cost for r in seen], float)
    best = int(costs.argmin())
    now = float(np.median(costs[-3:]))
    trained = [r.cost for r in seen]
    then, last = trained[best], trained[-1]
    if best > len(seen) - 4 or then is None or last is None:
        return None
    with np.errstate(all="ignore"):
        each = look.cost(look.z[-1], look.a[-1], look.data.y)
    chance = float(each.std()) / math.sqrt(seen[-1].count or len(each))
    rise = now - float(costs[best])
    if rise < max((RISE - 1.0) * costs[best], chance) or last > KEEPS_FALLING * then:
        return None
    top = max(seen, key=lambda r: -1.0 if r.accuracy is None else r.accuracy)
    part, first = seen[-1].monitor, seen[best]
    told = "" if top.accuracy is None else (
        f" Accuracy was best after epoch {top.epoch}: {top.accuracy:.2%}."
    )  # fmt: skip
    return Finding(
        "over-fitting",
        {"best_cost_epoch": first.epoch, "best_cost": float(costs[best]),
         "last_cost": float(costs[-1]),
         "best_accuracy_epoch": None if top.accuracy is None else top.epoch,
         "best_accuracy": top.accuracy},
        f"the {part} cost was lowest after epoch {first.epoch} ({costs[best]:.3g}) "
        f"and is {now:.3g} now, while the training cost fell from {then:.3g} to "
        f"{last:.3g}: what is learned now holds for the training examples only.{told}",
        "Stop there (patience), add an l2 penalty or dropout, or get more data.",
    )  # fmt: skip


def _tenfold(eta: float | None) -> str:
    return "ten times larger" if eta is None else f"{10 * eta:.3g} (ten times as much)"


CAUSES: tuple[Rule, ...] = (
    eta_too_high,
    eta_too_low,
    dead_units,
    saturated_units,
    gradient_sizes,
    one_answer,
    never_answered,
)
"""Why nothing may have been learned."""

FINDINGS: tuple[Rule, ...] = (*AT_ONCE, *CAUSES, at_chance, over_fitting)
"""All of them, causes before what they bring about."""
