"""What more than one test file needs."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The matrices are small: threads of BLAS and OpenMP would take up cores for nothing.
# Before NumPy is loaded; whoever sets them himself has his way.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# That the machine is busy is no fault of what is tested.
settings.register_profile(
    "busy", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("busy")

# A shell's background jobs ignore Ctrl-C; the tests that send it must hear it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["lectures.counting"]


def pytest_xdist_auto_num_workers(config):
    """The default tests run in two processes; chosen and slow ones in this one."""
    option = config.option
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    chosen = option.keyword or option.lf or option.markexpr != "not slow"
    return 2 if whole and not chosen else 0


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """A folder with the published files of MNIST and Fashion-MNIST."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("PELLUCID_DATA") or beside)
    if not (folder / "mnist").is_dir():
        pytest.skip(f"no data: name a folder that holds mnist/ with PELLUCID_DATA "
                    f"(looked in {folder})")  # fmt: skip
    return folder


@pytest.fixture
def here():
    """Foreign files are decoded in this process: a hundred times as fast."""
    from reading import decoding_here

    with decoding_here():
        yield


@pytest.fixture
def undrawn(monkeypatch):
    """Pictures are a few bytes: where the words about them are what is tested."""
    from pellucid.plots.display import Display

    monkeypatch.setattr(Display, "render", lambda *_: b"\x89PNG")
