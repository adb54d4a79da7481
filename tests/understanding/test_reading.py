import base64
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.understanding import Context, Intent, MenuOption, Reading, read
from outreach.understanding.artefact import load

NOW = datetime.fromisoformat("2026-03-10T10:00:00-07:00")
OURS = "Hi Ana, it's Marco w/ DSA-LA. Fundamentals training Sat 3/21 10am. Can you make it? Reply STOP to opt out"
CONTEXTS = st.sampled_from([str(context) for context in Context])
WHOLE_MESSAGES = (
    "stop", "stop all", "stopall", "unsubscribe", "unsub", "cancel", "end", "quit", "revoke", "opt out", "opt-out",
    "optout", "remove me", "alto", "parar", "pare", "basta", "baja", "cancelar", "detener",
)  # fmt: skip
"""The opt-outs that count in any context, case and punctuation; see tests/data/REPLIES.md."""
OPT_OUTS = st.sampled_from(
    [
        *WHOLE_MESSAGES,
        "take me off your list",
        "do not text me again",
        "lose my number",
        "ya no me manden mensajes",
        "bórrenme de su lista",
        "no more texts",
        "I'd rather not get these anymore",
    ]
)
MENU = (
    MenuOption("1", "Sat 3/21 10am Boyle Heights", datetime.fromisoformat("2026-03-21T10:00:00-07:00")),
    MenuOption("2", "Tue 3/24 6:30pm Zoom", datetime.fromisoformat("2026-03-24T18:30:00-07:00")),
)


def reading(text: str, context: str = "any") -> Reading:
    return read(text, context=context, menu=MENU if context == "invm" else (), now=NOW)


@given(st.text(max_size=300), CONTEXTS)
@settings(max_examples=150, deadline=None)
def test_no_text_of_any_kind_raises_and_every_reading_names_its_rule(text: str, context: str) -> None:
    said = reading(text, context)
    assert said.rule
    assert 0 <= said.confidence <= 1
    assert said.as_dict()["intent"] in set(Intent)


@given(st.lists(st.sampled_from(sorted(load().vocabulary)), max_size=25), CONTEXTS)
@settings(max_examples=150, deadline=None)
def test_no_words_in_any_order_raise(words: list[str], context: str) -> None:
    assert reading(" ".join(words), context).rule


@given(OPT_OUTS, st.sampled_from([str.upper, str.lower, str.title, str.swapcase]), CONTEXTS)
@settings(max_examples=60, deadline=None)
def test_case_does_not_change_an_opt_out(text: str, change: object, context: str) -> None:
    assert callable(change)
    assert reading(change(text), context).opt_out


@given(
    OPT_OUTS,
    st.sampled_from(["", " ", "   ", "\n", "\t"]),
    st.sampled_from(["", ".", "!", "!!!", "...", "?", " 🛑", " 🙏", " 😡😡", " 👍", " \n", ","]),
    CONTEXTS,
)
@settings(max_examples=100, deadline=None)
def test_spaces_punctuation_and_emoji_do_not_change_an_opt_out(
    text: str, before: str, after: str, context: str
) -> None:
    assert reading(before + text + after, context).opt_out


@given(
    OPT_OUTS,
    st.sampled_from(["please {}", "{} please", "{}, please", "{} por favor", "por favor {}", "{} gracias"]),
    CONTEXTS,
)
@settings(max_examples=100, deadline=None)
def test_politeness_never_removes_an_opt_out(text: str, form: str, context: str) -> None:
    assert reading(form.format(text), context).opt_out


@pytest.mark.parametrize("word", WHOLE_MESSAGES)
def test_a_whole_message_opt_out_is_one_in_every_context(word: str) -> None:
    for context in Context:
        for text in (word, word.upper(), f"“{word.title()}.”", f" {word} !"):
            said = reading(text, context)
            assert (said.opt_out, said.suppress) == (True, "all"), (text, context)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\x00",
        "\u200b\u200d\ufeff",
        "🌵🪗",
        "a" * 1600,
        "lorem ipsum dolor sit amet " * 60,
        base64.b64encode(b"not words at all, just bytes").decode(),
        "Ĝis revido kaj bonan tagon",
        "xkcd qwzrt plmokn",
    ],
)
def test_what_is_not_understood_is_never_a_yes_or_a_stop_and_goes_to_a_person(text: str) -> None:
    for context in ("any", "inv", "rem"):
        said = reading(text, context)
        assert said.human_review, (text, context, said)
        assert not said.opt_out
        assert said.intent not in {Intent.YES, Intent.STOP, Intent.START, Intent.CHOICE}
        assert said.confidence < 0.5


def test_our_own_text_quoted_back_is_not_an_opt_out() -> None:
    for text in (OURS, f"Liked “{OURS}”", f"> {OURS}\n\nyes I'll be there", f"A Ana le gustó “{OURS}”"):
        assert not reading(text, "inv").opt_out
    assert reading(f"> {OURS}\n\nyes I'll be there", "inv").intent is Intent.YES


def test_a_pasted_e_mail_is_read_by_what_its_writer_put_above_it() -> None:
    mail = "\n\nOn Mon, Mar 9, 2026 at 10:00 AM DSA-LA <hello@example.org> wrote:\n> Unsubscribe here\n> Reply STOP"
    assert not reading("I'll be there!" + mail, "inv").opt_out
    assert reading("take me off your list" + mail, "inv").opt_out


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("I'll stop by after work", "inv"),
        ("when does it end?", "inv"),
        ("cancel my spot for saturday, my kid is sick", "rem"),
        ("can't stop won't stop, see you there", "inv"),
        ("en qué parada me bajo?", "inv"),
        ("I quit my job so I'm free weekdays", "av"),
        ("please don't stop sending these", "inv"),
        ("no", "optq"),
    ],
)
def test_an_opt_out_word_inside_is_not_an_opt_out(text: str, context: str) -> None:
    assert not reading(text, context).opt_out


@pytest.mark.parametrize(
    "text",
    [
        "maybe",
        "I'll try",
        "si dios quiere",
        "sounds good but depends on work",
        "hopefully!",
        "👀",
        "ok thanks",
        "a ver si puedo",
    ],
)
def test_a_soft_yes_is_not_a_yes(text: str) -> None:
    assert reading(text, "inv").intent is not Intent.YES


@pytest.mark.parametrize(
    "text",
    [
        "we got an eviction notice today",
        "ICE took my husband",
        "I was fired for organizing",
        "my boyfriend hit me",
        "I don't want to live anymore",
        "nos están desalojando",
        "se llevaron a mi papá los de la migra",
        "tengo miedo de mi esposo",
    ],
)
def test_what_is_sensitive_reaches_a_person_in_every_context(text: str) -> None:
    for context in Context:
        assert reading(text, context).human_review, context


def test_the_second_reader_says_in_plain_words_that_it_decided() -> None:
    said = reading("this is where I get off, thanks for everything and please let this be the last message", "rea")
    assert said.opt_out
    assert said.rule.startswith(("second reader: ", "consent: "))
