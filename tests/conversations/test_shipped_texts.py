"""The shipped texts: short enough in both languages, with an accented name, place and day; nothing left unfilled."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ruamel.yaml import YAML

from outreach.conversations.flow import LANGUAGES, Flow, Step, Wording
from outreach.conversations.flow_files import load_flows
from outreach.conversations.gathering import DOORS, who_writes, whom_to_ask
from outreach.conversations.house import FILE
from outreach.conversations.knowing import options_text
from outreach.conversations.wording import HOUSE_PLACEHOLDERS, PLACEHOLDERS, fill, placeholders_in
from outreach.texting.segments import count_segments

SEGMENTS_AT_MOST = 2
DAYS = {
    ("en", "plain"): ("Wed Dec 9 6:30pm", "Sun Dec 13 1pm", "6:30pm"),
    ("en", "hard"): ("Sat Dec 12 10am", "Sat Dec 19 10am", "10am"),
    ("es", "plain"): ("mié 9 dic 6:30pm", "dom 13 dic 1pm", "6:30pm"),
    ("es", "hard"): ("sáb 12 dic 10am", "sáb 19 dic 10am", "10am"),
}


def titles(language: str, *, one: bool) -> str:
    """Return the longest title of the catalogue, or a menu of long ones: 40 characters at most."""
    if language == "es":
        first, others = (
            "Acciones directas: planear y participar",
            "2) Facilitar y participar en reuniones 3) Tocar puertas",
        )
    else:
        first, others = "Meeting facilitation & participation", "2) Direct action: plan & take part 3) Canvassing"
    return first if one else f"1) {first} {others}"


def samples(language: str, sample: str, *, one: bool) -> Mapping[str, str]:
    """Return a value for every placeholder: TEXTS' two samples, with the place that the chapter meets at."""
    first, second, hour = DAYS[language, sample]
    return {
        "first_name": "María" if sample == "hard" else "Ana",
        "sender": "Luz",
        "who": who_writes("Luz", "DSA-LA", language),
        "org": "DSA-LA",
        "contact": "hi@example.org, 213-555-0134",
        "menu": f"{first} Boyle Heights" if one else f"1) {first} Boyle Heights 2) {second} Zoom",
        "options": "1 = voy 2 = otra fecha 3 = ahora no",
        "session": first,
        "titles": titles(language, one=one),
        "place": "Boyle Heights",
        "position": "12",
        "other_session": second,
        "deadline": first,
        "since": "2019",
        "until": first,
        "time": hour,
        "where": "1200 E Example St, room 4, Boyle Heights",
        "doors": DOORS[language],
        "lost": whom_to_ask("213-555-0134", language, online=False),
        "hotline": "213-555-0199",
        "count": "12",
        "signed": "I'm Luz, a volunteer with DSA-LA." if language == "en" else "Soy Luz, del equipo de DSA-LA.",
        "known": "You're on our member list since 2019" if language == "en" else "Está en la lista de miembros (2019)",
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
    texts = {name: words for file in load_flows().values() for name, words in wordings(file.flow)}
    house: Mapping[str, Any] = YAML(typ="safe", pure=True).load(FILE)
    return {**texts, **{f"house.{name}": words for name, words in house.items()}}


TEXTS = shipped_texts()


def test_there_is_a_sample_for_every_placeholder() -> None:
    assert samples("en", "plain", one=True).keys() == PLACEHOLDERS | HOUSE_PLACEHOLDERS


@pytest.mark.parametrize("name", TEXTS)
def test_a_shipped_text_is_two_segments_at_most(name: str) -> None:
    for language, sample in DAYS:
        body = fill(TEXTS[name][language], samples(language, sample, one="_one" in name and "which" not in name))
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
        body = fill(TEXTS[name][language], {**samples(language, "plain", one=True), **bare})
        assert not re.search(r" ,|,,|,\.|\.\.| \.|  |\{|\}", body), body
