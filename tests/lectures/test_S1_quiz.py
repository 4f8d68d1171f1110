"""S1-17: the quiz at the end of a lecture."""

import json

from command_line import typed
from pellucid.quiz import quiz


def test_S1_17_a_quiz_is_exported_with_answers_and_numbers_by_a_seed(
    capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    said = typed(
        capsys, "quiz", "--seed", 17, "--questions", 6, "--to", "quiz", "--json"
    )
    questions = json.loads(said.out.splitlines()[-1])["questions"]
    assert len(questions) == 6
    assert all(each["text"] and each["answer"] for each in questions)
    assert [each["text"] for each in questions] == [q.text for q in quiz(17, 6)]
    assert [q.text for q in quiz(18, 6)] != [q.text for q in quiz(17, 6)]
    sheet, answers = (
        (tmp_path / name).read_text() for name in ("quiz.md", "quiz-answers.md")
    )
    for each in questions:
        assert each["text"] in sheet and f"**{each['answer']}**" in answers
