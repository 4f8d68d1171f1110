"""Numbers as the page writes them: web/src/drawing/format.ts in Python."""

import math

MINUS = "−"
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(x: float, digits: int = 3) -> str:
    """With so many significant digits and a true minus."""
    x = float(x)
    if x == 0:
        return "0"
    sign = MINUS if x < 0 else ""
    if abs(x) >= 1e6 or abs(x) < 1e-5:
        head, power = f"{abs(x):.{digits - 1}e}".split("e")
        return f"{sign}{head}·10{str(int(power)).translate(RAISED)}"
    before = math.floor(math.log10(abs(x))) + 1
    return f"{sign}{abs(x):,.{max(0, min(8, digits - before))}f}"


def signed(x: float, digits: int = 3) -> str:
    """With + or −."""
    return ("+" if x > 0 else "") + number(x, digits)


def probability(p: float) -> str:
    """Three decimals; what would round to 0 or 1 and is not says so."""
    if 0 < p < 0.0005:
        return "<0.001"
    return ">0.999" if 0.9995 <= p < 1 else f"{p:.3f}"


def percent(share: float, rows: int) -> str:
    """With the decimals that so many rows can tell apart."""
    decimals = 2 if rows >= 10_000 else 1 if rows >= 100 else 0
    return f"{100 * share:.{decimals}f} %"
