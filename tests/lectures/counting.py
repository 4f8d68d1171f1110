"""Counts which of the lectures' 184 ids pass: `lectures: N of 184`.

A test is named after its id, test_S0_02_... An id passes when at least one test with
its name ran and none of them failed.
"""

import re

IDS_OF_LECTURE = {"S0": 37, "S1": 32, "S2": 55, "S3": 32, "S4": 28}
TOTAL = sum(IDS_OF_LECTURE.values())
NAME = re.compile(r"test_(S\d)_(\d\d)_")

passed: set[tuple[str, int]] = set()
failed: set[tuple[str, int]] = set()


def id_of(name: str) -> tuple[str, int]:
    """Lecture and number out of a test's name."""
    found = NAME.match(name)
    assert found, f"{name} must be named test_S0_02_..., after the id that it checks"
    lecture, number = found[1], int(found[2])
    assert 1 <= number <= IDS_OF_LECTURE[lecture], f"{name}: there is no such id"
    return lecture, number


def pytest_runtest_logreport(report):
    path, _, name = report.nodeid.partition("::")
    if not path.startswith("tests/lectures/"):
        return
    if report.failed:
        failed.add(id_of(name))
    elif report.when == "call" and report.passed:
        passed.add(id_of(name))


def pytest_terminal_summary(terminalreporter):
    if passed or failed:
        terminalreporter.write_line(f"lectures: {len(passed - failed)} of {TOTAL}")
