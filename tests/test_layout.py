from datetime import UTC, datetime, timedelta

import pytest

from outreach.layout import ago, moment
from outreach.settings import Settings

NOW = datetime(2026, 12, 12, 18, 30, tzinfo=UTC)


def test_a_moment_is_worded_on_the_chapter_s_clock() -> None:
    assert moment(NOW, Settings.model_validate({})) == "Sat Dec 12 10:30am"
    assert moment(None, Settings.model_validate({})) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "just now"), (300, "5 min"), (3 * 3600, "3 h"), (47 * 3600, "47 h"), (49 * 3600, "2 days")],
)
def test_how_long_ago_is_worded_in_one_unit(seconds: int, words: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words
