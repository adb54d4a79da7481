import itertools

import pytest

from outreach.conversations.desk_texts import WORDING_OF, _texts, need_text, quick_replies, quick_reply
from outreach.texting.segments import count_segments
from tests.conversations.desk_factories import make_settings

KINDS = (
    "childcare", "ride", "ride_offer", "wheelchair", "asl", "captions", "interpretation", "remote", "masks",
    "fragrance_free", "food", "hearing", "other", "something new",
)  # fmt: skip
LABELS = {"en": "Wed Dec 9 6:30pm", "es": "mié 9 dic 6:30pm"}
ACCENTED = {"en": "Sat Dec 12 10:30am", "es": "sáb 12 dic 10:30am"}


@pytest.mark.parametrize(("kind", "outcome"), list(itertools.product(KINDS, WORDING_OF)))
@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_told_of_a_need_takes_two_segments_at_most_and_is_all_filled_in(
    kind: str, outcome: object, language: str
) -> None:
    for label in (LABELS[language], ACCENTED[language], ""):
        body = need_text(kind, outcome, label, language, make_settings())  # type: ignore[arg-type]
        assert count_segments(body).segments <= 2, body
        assert "{" not in body
        assert body.endswith("DSA-LA")


def test_every_kind_of_need_is_worded_in_both_languages() -> None:
    assert all(set(words) == {"en", "es"} and all(words.values()) for words in _texts()["needs"].values())


def test_quick_replies_come_in_both_languages_the_members_own_first() -> None:
    spanish = quick_replies("es")

    assert [reply.language for reply in spanish[:3]] == ["es", "es", "es"]
    assert {(reply.label, reply.language) for reply in spanish} == {
        (reply.label, reply.language) for reply in quick_replies("en")
    }
    assert all(count_segments(reply.body).segments <= 2 for reply in spanish)


def test_a_quick_reply_is_found_by_its_name() -> None:
    assert quick_reply("call-es").startswith("Gracias por contarme")
    assert not quick_reply("no such")
