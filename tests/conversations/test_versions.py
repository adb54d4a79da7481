"""A flow that is edited while people stand in it loses none: they keep its steps, in the newest words that fit."""

from pathlib import Path

from sqlalchemy.orm import Session

from outreach.conversations import versions
from outreach.conversations.flow_files import SHIPPED, load_flow, shipped_flows
from outreach.conversations.versions import seed_flows
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session

PEOPLE = 100


def phone(place: int) -> str:
    return f"+1213555{place:04}"


def edit(session: Session, folder: Path, *changes: tuple[str, str]) -> None:
    """Take in a changed invitation, as `outreach migrate` does, and start anew."""
    source = (SHIPPED / "invite.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    (folder / "invite.yaml").write_text(source, encoding="utf-8")
    seed_flows(session, {**shipped_flows(), "invite": load_flow(folder / "invite.yaml")}, NOW.replace(hour=19))
    session.flush()
    versions._known.cache_clear()


def test_a_hundred_people_stand_in_a_flow_that_is_edited_and_none_is_lost(session: Session, tmp_path: Path) -> None:
    for place in range(PEOPLE):
        make_person(session, phone=phone(place))
    talk = Talk()
    talk.invite(make_session(session, capacity=None).id)
    assert all(talk.heard(phone(place)) for place in range(PEOPLE))
    edit(
        session,
        tmp_path,
        ("invite_to_one", "only_one"),  # the step that they all stand at is gone
        ("\"You're in: {session}, {place}. Do you need", '"Great, {session}, {place}. Do you need'),
    )
    for place in range(PEOPLE):
        talk.write(phone(place), "1")
        [booked] = talk.heard(phone(place))
        assert booked.startswith("Great, Sat Dec 12 10am, Boyle Heights. Do you need")  # the newest words
    talk.write(phone(0), "I can't come after all")
    assert talk.heard(phone(0))[0].startswith("Thanks for telling me")
    talk.wait(days=2)
    assert {talk.conversations(phone(place))[0].outcome for place in range(1, PEOPLE)} == {"booked"}


def test_a_step_that_hears_other_answers_by_now_keeps_its_words(session: Session, tmp_path: Path) -> None:
    make_person(session, phone=phone(0))
    talk = Talk()
    talk.invite(make_session(session, capacity=None).id)
    talk.heard(phone(0))
    edit(
        session,
        tmp_path,
        (
            "      need: note_need\n      none: {end: booked}\n",
            "      need: note_need\n      maybe: note_need\n      none: {end: booked}\n",
        ),
        ("\"You're in: {session}", '"Great, {session}'),
    )
    talk.write(phone(0), "1")
    assert talk.heard(phone(0))[0].startswith("You're in: ")
