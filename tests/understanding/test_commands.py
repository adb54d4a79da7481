import json
import subprocess
import sys

from click.testing import CliRunner

from outreach.understanding.commands import understand


def answers(lines: str) -> list[dict[str, object]]:
    done = CliRunner().invoke(understand, input=lines)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.output.splitlines()]


def test_lines_are_answered_in_order_and_a_broken_one_does_not_stop_the_rest() -> None:
    broken = [
        "{not json",
        "[]",
        '"text"',
        "null",
        "{}",
        '{"text": 3}',
        '{"text": "x", "menu": [{}]}',
        '{"text": "x", "now": "soon"}',
    ]
    lines = ['{"id": 1, "text": "STOP"}', *broken, '{"id": 2, "text": "yes", "context": "inv"}']
    first, *errors, last = answers("\n".join(lines) + "\n\n")
    assert (first["id"], first["opt_out"], first["suppress"]) == (1, True, "all")
    assert (last["id"], last["intent"]) == (2, "yes")
    assert [error["id"] for error in errors] == [None] * len(broken)
    assert all(error["error"] for error in errors)
    assert "STOP" not in str(errors)


def test_odd_but_whole_lines_are_answered() -> None:
    texts = ["", " " * 50, "a" * 1600, "\x00", "\u200b", "🛑", "aGVsbG8gd29ybGQ=", "\ud83d"]
    lines = "".join(json.dumps({"id": n, "text": text, "context": "no such"}) + "\n" for n, text in enumerate(texts))
    assert [answer["id"] for answer in answers(lines)] == list(range(len(texts)))


def test_the_answer_has_the_keys_of_the_contract() -> None:
    (answer,) = answers(
        '{"id": "a", "text": "weeknights after 6", "context": "av", "now": "2026-03-10T10:00:00-07:00"}\n'
    )
    assert set(answer) == {
        "id", "intent", "also", "opt_out", "suppress", "human_review", "confidence", "rule", "availability", "needs",
        "question_topics", "party_size", "rating", "choice", "facts",
    }  # fmt: skip


def test_reading_needs_nothing_of_the_rest_of_the_program() -> None:
    code = (
        "import sys; from outreach.understanding import read; from datetime import datetime, UTC;"
        "read('hola', now=datetime.now(UTC));"
        "print([m for m in ('flask', 'sqlalchemy', 'redis', 'ruamel', 'pydantic', 'click') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
