"""S2: "implement this yourself": a skeleton with blanks, and a grader for it."""

from pathlib import Path

from pellucid.gradcheck import gradcheck

EXAMPLES = Path(__file__).parents[2] / "examples"
BLANKS = EXAMPLES / "own_backprop_blanks.py"
ANSWERS = EXAMPLES / "own_backprop.py"


def test_S2_55_a_skeleton_with_blanks_and_a_grader(tmp_path):
    blanks = BLANKS.read_text().splitlines()
    answers = ANSWERS.read_text().splitlines()
    assert len(blanks) == len(answers)
    different = [n for n, line in enumerate(blanks) if line != answers[n]]
    places = [n for n in different if "..." in blanks[n]]
    assert len(places) == 9 and different == [0, *places]  # the title, and the blanks
    mine, filled = tmp_path / "mine.py", list(blanks)
    for place in places:  # the grader sees each blank that is left
        mine.write_text("\n".join(filled))
        assert not gradcheck(mine).correct, place
        filled[place] = answers[place]
    mine.write_text("\n".join(filled))
    assert gradcheck(mine).correct
