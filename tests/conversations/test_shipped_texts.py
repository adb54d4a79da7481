"""The shipped texts: short enough in both languages, with an accented name, place and day; nothing left unfilled."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ruamel.yaml import YAML

from outreach.conversations.flow import LANGUAGES, Flow, Step, Wording
from outreach.conversations.flow_files import shipped_flows
from outreach.conversations.house import FILE
from outreach.conversations.knowing import options_text
from outreach.conversations.samples import Sample, sample_values
from outreach.conversations.wording import HOUSE_PLACEHOLDERS, PLACEHOLDERS, fill, placeholders_in
from outreach.texting.segments import count_segments

SEGMENTS_AT_MOST = 2
COUNTED: tuple[Sample, ...] = ("plain", "hard")


def samples(language: str, sample: Sample) -> Mapping[str, str]:
    """Return a value for every placeholder, those of the house's own texts too."""
    spanish = language == "es"
    return {
        **sample_values(language, sample, options="1 = voy 2 = otra fecha 3 = ahora no"),
        "hotline": "213-555-0199",
        "count": "12",
        "signed": "Soy Luz, del equipo de DSA-LA." if spanish else "I'm Luz, a volunteer with DSA-LA.",
        "known": "Está en la lista de miembros (desde 2019)"
        if spanish
        else "You've been on our member list since 2019",
        "list": "members",
        "word": "TRAINING",
    }


def with_options(words: Wording, step: Step) -> Wording:
    """Put a question's own options in: a text is as long as they make it."""
    return {language: words[language].replace("{options}", options_text(step, language)) for language in LANGUAGES}


def wordings(flow: Flow) -> Iterator[tuple[str, Wording]]:
    for step in flow.steps.values():
        said = [step.text, step.unclear.say if step.unclear else None, *(rung.say for rung in step.silence)]
        for place, words in enumerate(said):
            if words:
                yield f"{flow.name}.{step.name}.{place}", with_options(words, step)


def shipped_texts() -> dict[str, Wording]:
    texts = {name: words for file in shipped_flows().values() for name, words in wordings(file.flow)}
    house: Mapping[str, Any] = YAML(typ="safe", pure=True).load(FILE)
    return {**texts, **{f"house.{name}": words for name, words in house.items()}}


TEXTS = shipped_texts()


def test_there_is_a_sample_for_every_placeholder() -> None:
    assert samples("en", "plain").keys() == PLACEHOLDERS | HOUSE_PLACEHOLDERS


@pytest.mark.parametrize("name", [name for name in TEXTS if name.startswith("house.")])
def test_a_text_of_the_house_is_two_segments_at_most(name: str) -> None:
    for language in LANGUAGES:
        for sample in COUNTED:
            body = fill(TEXTS[name][language], samples(language, sample))
            counted = count_segments(body)
            assert counted.segments <= SEGMENTS_AT_MOST, f"{counted.units} units in {counted.encoding}: {body}"


@pytest.mark.parametrize("name", TEXTS)
def test_both_languages_say_the_same_facts(name: str) -> None:
    english, spanish = (set(placeholders_in(TEXTS[name][language])) for language in LANGUAGES)
    assert english == spanish
    assert english <= (PLACEHOLDERS | HOUSE_PLACEHOLDERS if name.startswith("house.") else PLACEHOLDERS)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_written_as_the_chapter_speaks(name: str) -> None:
    english, spanish = TEXTS[name]["en"], TEXTS[name]["es"]
    for body in (english, spanish):
        assert body.count("!") <= 1
        assert not re.search(r"https?:|bit\.ly|[\u2018-\u201d\u2026\U0001f300-\U0001faff]", body)
        assert "  " not in body
        assert body == body.strip()
    # usted throughout; question and exclamation marks open, too.
    assert not re.search(r"\b(tú|te|ti|tu|tus|puedes|quieres|necesitas|responde)\b", spanish)
    assert spanish.count("?") == spanish.count("¿")
    assert spanish.count("!") == spanish.count("¡")


@pytest.mark.parametrize("name", TEXTS)
def test_values_that_are_missing_leave_no_hole(name: str) -> None:
    bare = {"who": "this is DSA-LA", **dict.fromkeys(("first_name", "sender", "place"), "")}
    for language in LANGUAGES:
        body = fill(TEXTS[name][language], {**samples(language, "plain"), **bare})
        assert not re.search(r" ,|,,|,\.|\.\.| \.|  |\{|\}", body), body
