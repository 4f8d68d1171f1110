"""What the README prints is run as printed."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_thirty_lines_run_and_check_their_gradient():
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-2].startswith("by back-propagation")
    code = [line for line in block.splitlines() if line and not line.startswith("#")]
    assert len(code) <= 30


def test_every_command_of_the_readme_is_there(capsys):
    from pellucid.cli import main

    commands = set(re.findall(r"^    pellucid ([\w-]+)", README, re.MULTILINE))
    assert len(commands) >= 6
    for command in commands:
        try:
            main([command, "--help"])
        except SystemExit as end:
            assert end.code == 0, command


def test_every_file_that_is_linked_is_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target
