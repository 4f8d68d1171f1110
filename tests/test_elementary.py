"""The native engine's own exp, tanh, ...: their error bounds and their bits."""

import hashlib
from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy import special

from pellucid.engines.native_engine import elementary

# The bounds of native/elementary.hpp, in ULP: (float32, float64).
BOUNDS = {
    "exp": (0.90, 0.90),
    "expm1": (1.25, 1.25),
    "log": (1.55, 1.70),
    "log1p": (1.70, 1.70),
    "sigmoid": (1.50, 1.55),
    "tanh": (2.65, 2.40),
    "softplus": (2.15, 2.20),
    "normal_cdf": (4.65, 4.30),
    "normal_pdf": (2.05, 2.20),
}

# The first digits of the SHA-256 of the results at `patterns`: (float32, float64).
DIGESTS = {
    "exp": ("abb4d261af331dee", "420982ef6da185f0"),
    "expm1": ("651617e08263703b", "83893c2ad40665a4"),
    "log": ("a25dbd42fe02b2d0", "bc9a0ce7748a1ff1"),
    "log1p": ("24946fd3fb9d881b", "d8709f9b5e655b5b"),
    "sigmoid": ("30d40238fadd7b54", "1088a0c560908cb7"),
    "tanh": ("15cf8e4c4c0bc305", "16c970e21d3d786c"),
    "softplus": ("9cf1b432b659249d", "8623d27ce5cd074d"),
    "normal_cdf": ("780fcf4232b405ed", "5601a71b1d804b51"),
    "normal_pdf": ("3177ebd1845a57ff", "516e9c990cef55de"),
}

# Where to look: the range in which the result is neither constant nor infinite, and
# the points where the function's reduction takes the next step.
HALF_STEPS = (np.arange(-2200, 2200) + 0.5) * np.log(2)
ROOTS = np.sqrt(0.5) * 2.0 ** np.arange(-1000, 1000)
RANGES = {
    "float32": {"exp": (-106, 90), "normal": 15, "rest": 110},
    "float64": {"exp": (-750, 712), "normal": 40, "rest": 760},
}

DTYPES = ["float32", "float64"]
WIDE = np.finfo(np.longdouble).eps < 2e-19  # long double is better than double


def column(dtype):
    return DTYPES.index(dtype)


def points(name, dtype, count):
    """About `count` numbers: evenly, on a logarithmic scale, at steps, at random."""
    info = np.finfo(dtype)
    ranges = RANGES[dtype]
    rng = np.random.default_rng(1)
    powers = np.linspace(np.log2(info.smallest_subnormal), info.maxexp - 0.01, count)
    magnitudes = np.exp2(powers)
    if name == "log":
        near_one = 1 + np.linspace(-0.5, 1, count)
        x = [magnitudes, near_one, near(ROOTS, info, rng, count)]
    elif name == "log1p":
        x = [
            magnitudes,
            -magnitudes[magnitudes < 1],
            magnitudes[(magnitudes > info.epsneg) & (magnitudes < 1)] - 1,
            np.linspace(-0.999, 3, count),
            near(ROOTS, info, rng, count) - 1,
        ]
    else:
        if name.startswith("normal"):
            low, high = -ranges["normal"], ranges["normal"]
        else:
            low, high = ranges.get(name, (-ranges["rest"], ranges["rest"]))
        small = magnitudes[magnitudes < high]
        x = [
            np.linspace(low, high, count),
            np.linspace(-3, 3, count),
            small,
            -small[small < -low],
            near(HALF_STEPS, info, rng, count),
            near(HALF_STEPS / 2, info, rng, count),
        ]
    x = np.concatenate(x)
    x = x[(np.abs(x) < info.max) & ((x > -1) | (name != "log1p"))]
    return x.astype(dtype)


def near(steps, info, rng, count):
    """Random numbers within some ULP of the steps that the type can hold."""
    steps = steps[(np.abs(steps) < info.max) & (np.abs(steps) > info.tiny)]
    some = rng.choice(steps, count)
    return some * (1 + rng.integers(-9, 10, count) * float(info.epsneg))


def patterns(dtype):
    """Numbers of every kind, the same on every machine: half of moderate size."""
    info, bits = np.finfo(dtype), np.dtype(dtype.replace("float", "uint"))
    with np.errstate(over="ignore"):
        words = np.arange(2**17, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    words = (words >> np.uint64(64 - info.bits)).astype(bits)
    every = words[::2]
    fraction = words[1::2] & bits.type(2**info.nmant - 1)
    sign = (words[1::2] >> bits.type(info.nmant)) << bits.type(info.bits - 1)
    exponent = np.arange(fraction.size) % 32 + info.maxexp - 26
    moderate = sign | fraction | (exponent.astype(bits) << bits.type(info.nmant))
    some = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 1000.0, -1000.0]
    return np.concatenate([np.array(some, dtype), np.r_[every, moderate].view(dtype)])


def wide(name, x):
    """The function in long double, or for float32 in double."""
    x = x.astype(np.longdouble if x.dtype == np.float64 else np.float64)
    with np.errstate(all="ignore"):
        e = np.exp(-np.abs(x))
        match name:
            case "sigmoid":
                return np.where(x < 0, e, 1) / (1 + e)
            case "softplus":
                return np.maximum(x, 0) + np.log1p(e)
            case "normal_pdf":
                return np.exp(-x * x / 2) / np.sqrt(8 * np.arctan(x.dtype.type(1)))
            case "normal_cdf":
                return special.ndtr(x)
            case _:
                return getattr(np, name)(x)


def exact(name, x):
    """The function of one double, to at least 30 digits, of Python's `decimal`."""
    with localcontext(prec=80, Emin=-99999, Emax=99999):
        x = Decimal(float(x))
        match name:
            case "exp":
                return x.exp()
            case "expm1":
                return exact_expm1(x)
            case "log":
                return x.ln()
            case "log1p":
                return exact_log1p(x)
            case "sigmoid":
                return 1 / (1 + (-x).exp())
            case "tanh":
                e = exact_expm1(2 * abs(x))
                return (e / (e + 2)).copy_sign(x)
            case "softplus":
                return max(x, Decimal(0)) + exact_log1p((-abs(x)).exp())
        pdf = (-x * x / 2).exp() / (2 * exact_pi()).sqrt()
        if name == "normal_pdf":
            return pdf
        tail = pdf * mills(abs(x))
        return tail if x < 0 else 1 - tail


def exact_expm1(x):
    if abs(x) > Decimal("1e-20"):
        return x.exp() - 1
    return x + x * x / 2 + x * x * x / 6


def exact_log1p(x):
    if abs(x) > Decimal("1e-20"):
        return (1 + x).ln()
    return x - x * x / 2 + x * x * x / 3


def exact_pi():
    """Machin's formula."""

    def arctan_of_inverse(n):
        power, total, k = Decimal(1) / n, Decimal(0), 1
        while abs(power) > Decimal("1e-85"):
            total += power / k
            power, k = -power / (n * n), k + 2
        return total

    return 4 * (4 * arctan_of_inverse(5) - arctan_of_inverse(239))


def mills(t):
    """Φ(−t) / φ(t): the series about 0, or far out the continued fraction."""
    if t > 9:
        ratio = t
        for k in range(160, 0, -1):
            ratio = t + k / ratio
        return 1 / ratio
    term = total = t
    k = 1
    while term > Decimal("1e-90"):
        k += 2
        term *= t * t / k
        total += term
    return (2 * exact_pi()).sqrt() * (t * t / 2).exp() / 2 - total


def ulp(reference, dtype):
    """The last place of numbers of the given type, at their exact values."""
    info = np.finfo(dtype)
    exponent = np.frexp(reference)[1].astype(int) - info.nmant - 1
    return np.ldexp(
        np.ones_like(reference), np.maximum(exponent, info.minexp - info.nmant)
    )


def worst(name, x, reference):
    """The greatest error in ULP, after a check of all that is not finite."""
    got = elementary(name, x)
    with np.errstate(over="ignore", under="ignore"):
        rounded = reference.astype(x.dtype)
    finite = np.isfinite(rounded)
    np.testing.assert_array_equal(got[~finite], rounded[~finite])
    assert np.isfinite(got[finite]).all()
    got, reference = got[finite].astype(reference.dtype), reference[finite]
    with np.errstate(under="ignore"):
        errors = np.abs(got - reference) / ulp(reference, x.dtype)
    return float(errors.max())


@pytest.mark.parametrize("name", BOUNDS)
def test_float32_keeps_its_bound(name):
    x = points(name, "float32", 200_000)
    assert worst(name, x, wide(name, x)) <= BOUNDS[name][0]


@pytest.mark.skipif(not WIDE, reason="long double is double here")
@pytest.mark.parametrize("name", [n for n in BOUNDS if n != "normal_cdf"])
def test_float64_keeps_its_bound_against_long_double(name):
    x = points(name, "float64", 100_000)
    if name == "normal_pdf":
        x = x[np.abs(x) < 6]  # further out the reference feels the rounding of x²
    assert worst(name, x, wide(name, x)) <= BOUNDS[name][1]


@pytest.mark.parametrize("name", BOUNDS)
def test_float64_keeps_its_bound_against_exact_values(name):
    x = points(name, "float64", 1000)
    got = elementary(name, x)
    info = np.finfo(np.float64)
    for x_i, y_i in zip(x, got, strict=True):
        y = exact(name, x_i)
        if y > info.max:
            assert y_i == np.inf
            continue
        last = max(np.frexp(float(y))[1] - 53, -1074)
        with localcontext(prec=60):
            error = abs(Decimal(float(y_i)) - y) / Decimal(2) ** int(last)
        assert error <= BOUNDS[name][1], (float(x_i).hex(), float(error))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BOUNDS)
def test_the_bits_are_the_same_everywhere(name, dtype):
    """On this machine, with this compiler, as on the one that made the digests."""
    y = elementary(name, patterns(dtype))
    digest = hashlib.sha256(y.astype(y.dtype.newbyteorder("<")).tobytes()).hexdigest()
    assert digest[:16] == DIGESTS[name][column(dtype)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BOUNDS)
def test_the_bits_are_the_same_for_every_instruction_set(name, dtype):
    x = patterns(dtype)
    portable = elementary(name, x, "portable").tobytes()
    assert elementary(name, x).tobytes() == portable
    try:
        assert elementary(name, x, "avx2").tobytes() == portable
    except ValueError:
        pytest.skip("no avx2 here")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BOUNDS)
def test_the_bits_do_not_depend_on_the_place_in_the_array(name, dtype):
    x = patterns(dtype)[:40]
    whole = elementary(name, x)
    for stop in range(x.size):
        part = elementary(name, x[:stop].copy())
        assert part.tobytes() == whole[:stop].tobytes()


INF, NAN = np.inf, np.nan
SPECIAL = {
    "exp": [(0, 1), (-0.0, 1), (INF, INF), (-INF, 0), (1000, INF), (-1000, 0)],
    "expm1": [(0, 0), (-0.0, -0.0), (INF, INF), (-INF, -1), (1000, INF), (-1000, -1)],
    "log": [(1, 0), (0, -INF), (-0.0, -INF), (INF, INF), (-1, NAN), (-INF, NAN)],
    "log1p": [(0, 0), (-0.0, -0.0), (-1, -INF), (INF, INF), (-2, NAN), (-INF, NAN)],
    "sigmoid": [(0, 0.5), (-0.0, 0.5), (INF, 1), (-INF, 0), (1000, 1), (-1000, 0)],
    "tanh": [(0, 0), (-0.0, -0.0), (INF, 1), (-INF, -1), (1000, 1), (-1000, -1)],
    "softplus": [(INF, INF), (-INF, 0), (1000, 1000), (-1000, 0)],
    "normal_cdf": [(0, 0.5), (-0.0, 0.5), (INF, 1), (-INF, 0), (1000, 1), (-1000, 0)],
    "normal_pdf": [(INF, 0), (-INF, 0), (1000, 0), (-1000, 0)],
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BOUNDS)
def test_special_values(name, dtype):
    x, want = np.array(SPECIAL[name], dtype).T.copy()
    got = elementary(name, x)
    np.testing.assert_array_equal(got, want)
    signed = ~np.isnan(want)
    np.testing.assert_array_equal(np.signbit(got[signed]), np.signbit(want[signed]))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BOUNDS)
def test_nan_gives_the_one_quiet_nan(name, dtype):
    bits = np.dtype(dtype.replace("float", "uint"))
    info = np.finfo(dtype)
    quiet = np.array(np.inf, dtype).view(bits) | bits.type(1 << (info.nmant - 1))
    payloads = np.array([0, 1, 12345], bits) | quiet
    x = np.r_[payloads, payloads | bits.type(1 << (info.bits - 1))].view(dtype)
    np.testing.assert_array_equal(elementary(name, x).view(bits), quiet)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["expm1", "log1p", "tanh"])
def test_denormals_are_kept(name, dtype):
    info = np.finfo(dtype)
    x = info.smallest_subnormal * np.arange(-100, 101).astype(dtype)
    np.testing.assert_array_equal(elementary(name, x), x)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sigmoid_and_exp_underflow_gradually(dtype):
    info = np.finfo(dtype)
    low = float(np.log(info.tiny))
    x = np.linspace(low - 10, low - 0.01, 1000).astype(dtype)
    y = elementary("sigmoid", x)
    assert (y > 0).any() and (y[y > 0] < info.tiny).all()
    np.testing.assert_array_equal(y, elementary("exp", x))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["exp", "sigmoid"])
def test_no_step_down_at_the_steps_of_the_reduction(name, dtype):
    bits = np.dtype(dtype.replace("float", "int"))
    steps = np.abs(HALF_STEPS[np.abs(HALF_STEPS) < RANGES[dtype]["exp"][1]])
    around = np.arange(-300, 300)[:, None]
    x = (steps.astype(dtype).view(bits) + around.astype(bits)).view(dtype)
    for upward in (x, -x[::-1]):
        flat = np.ascontiguousarray(upward).reshape(-1)
        with np.errstate(invalid="ignore"):  # inf - inf
            steps_up = np.diff(elementary(name, flat).reshape(upward.shape), axis=0)
        assert not (steps_up < 0).any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_tanh_is_odd(dtype):
    x = patterns(dtype)
    x = x[~np.isnan(x)]
    assert elementary("tanh", -x).tobytes() == (-elementary("tanh", x)).tobytes()
