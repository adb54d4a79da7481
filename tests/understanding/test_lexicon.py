from datetime import datetime

import pytest

from outreach.understanding import read
from outreach.understanding.artefact import PATH
from outreach.understanding.compile_lexicon import artefact_text, entries, lexicon_files
from outreach.understanding.features import kinds, of_kinds, of_words
from outreach.understanding.guess import KEPT, OUTPUTS, Model, model, unpack
from outreach.understanding.normalise import normalise
from outreach.understanding.pattern import Phrases
from outreach.understanding.phrases import find
from outreach.understanding.quoted import unquote
from outreach.understanding.train_guess import features_of

NOW = datetime.fromisoformat("2026-03-10T10:00:00-07:00")


@pytest.fixture(scope="module")
def lexicon() -> list[tuple[str, str, str]]:
    """The entries of the lexicon's files: label, phrase and example."""
    return list(entries(lexicon_files()))


def test_the_artefact_is_what_the_lexicon_says() -> None:
    assert PATH.read_text(encoding="utf-8") == artefact_text(), "run python -m outreach.understanding.compile_lexicon"


def test_every_entry_finds_its_example(lexicon: list[tuple[str, str, str]]) -> None:
    unread = [
        (label, phrase, example)
        for label, phrase, example in lexicon
        if label not in find(normalise(unquote(example).own))
    ]
    assert not unread, unread[:10]


def test_every_entry_of_an_opt_out_opts_out_by_its_example(lexicon: list[tuple[str, str, str]]) -> None:
    examples = [example for label, _, example in lexicon if label in {"stop", "unambiguous_word"}]
    kept = [example for example in examples if not read(example, now=NOW).opt_out]
    assert len(examples) > 150
    assert not kept, kept


def test_an_entry_of_a_likely_opt_out_stops_the_texts_by_its_example(lexicon: list[tuple[str, str, str]]) -> None:
    examples = [example for label, _, example in lexicon if label == "stop_likely"]
    sent = [
        example
        for example in examples
        if read(example, context="inv", now=NOW).suppress not in {"all", "hold", "number"}
    ]
    assert len(sent) <= len(examples) // 10, sent


def test_a_phrase_must_hold_a_word() -> None:
    phrases = Phrases({"please": ["please", "por favor"]})
    assert not phrases.compile("(please)?").triggers
    assert phrases.compile("take {please} off").besides
    assert phrases.compile("(have work|out)").ways == {"work": ({"have"},), "out": ()}
    with pytest.raises(ValueError, match="not a word"):
        phrases.compile("a-b")


def test_words_of_a_kind_are_known_by_stem_too() -> None:
    assert "remove" in kinds("bórrenme".replace("ó", "o"))
    assert "neg" in kinds("dont")
    assert kinds("xyzzy") == ()


def test_the_weights_of_many_features_are_added_in_one_sum() -> None:
    one, two = bytes([128 + 50] + [128] * (len(OUTPUTS) - 1)), bytes([128 - 100] + [128] * (len(OUTPUTS) - 1))
    learnt = unpack(["one", ("one", "two")], one + two)
    numbers = learnt.numbers
    word, pair = numbers.number(["one", "unheard of"]), numbers.next_to("one")("two")
    assert learnt.scores({word, numbers.next_to("two")("one")}, numbers)[:2] == [50, 0]
    assert learnt.scores({pair, word}, numbers)[0] == -50
    assert len(model().weights) > 5_000


@pytest.mark.parametrize(
    "text", ["no no no, don't text me", "k all good. k all good? yes 👍", "Ya no me manden mensajes"]
)
def test_a_text_weighs_the_same_when_read_as_when_learnt_from(text: str) -> None:
    learnt = Model(model().weights)
    words, numbers = normalise(text), learnt.numbers
    scores = learnt.scores({*of_words(words, "inv", numbers), *of_kinds(words, numbers)}, numbers)
    weights = sum(learnt.weights.get(feature, 0) for feature in features_of(text, "inv", with_rules=False))
    assert scores[0] % (1 << 32) == weights % (1 << 32)


def test_words_that_came_by_are_forgotten_when_they_are_too_many() -> None:
    learnt = unpack(["word"], bytes([129] * len(OUTPUTS)))
    before = learnt.numbers
    assert learnt.numbers is before
    for number in range(KEPT):
        before.words["inv"][f"word{number}"]
    assert learnt.numbers is not before
