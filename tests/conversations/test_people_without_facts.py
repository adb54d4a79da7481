"""A person with no name, no language, no ZIP, or a number that several share: every text still reads well."""

import re

import pytest
from sqlalchemy.orm import Session

from tests.conversations.talk import Talk
from tests.factories import make_person, make_session, seed

PHONE = "+12135550101"
# What is left where a value is missing: a hole, a greeting of nobody, a placeholder.
BADLY = re.compile(r" ,| \.|,\.|,,|\.\.|  |[{}]|\b(?:Hi|Hola) ,|\bNone\b|^[ ,]|[ ,]$|\(\)|: [.,]")
WRITTEN = (
    ("who is this?", "¿quién es?"), ("maybe", "tal vez"), ("1", "1"), ("I need childcare", "necesito cuidado de niños"),
    ("0", "0"), ("is there parking?", "¿hay estacionamiento?"), ("OPTIONS", "OPCIONES"), ("4", "4"), ("2", "2"),
    ("saturday mornings", "los sábados por la mañana"), ("TRAINING", "CLASES"),
    ("call me please", "llámenme por favor"),
)  # fmt: skip


@pytest.mark.parametrize("language", ["", "es"])
@pytest.mark.parametrize("shared", [False, True])
def test_every_text_reads_well_to_who_has_no_name_or_shares_a_number(
    session: Session, *, shared: bool, language: str
) -> None:
    seed(session)
    make_person(session, "Ana Prueba" if shared else "", phone=PHONE, language=language, zip=None)
    if shared:
        make_person(session, "Ben Prueba", phone=PHONE, language=language, zip=None)
    talk = Talk()
    talk.invite(make_session(session).id)
    heard = talk.heard(PHONE)
    for english, spanish in WRITTEN:
        talk.write(PHONE, spanish if language else english)
        heard += talk.heard(PHONE)
    talk.wait(days=9)
    heard += talk.heard(PHONE)
    assert len(heard) > 8
    for body in heard:
        assert not BADLY.search(body), body
        assert not re.search(r"\b(Ana|Ben)\b", body), body
