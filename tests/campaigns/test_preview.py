from sqlalchemy.orm import Session

from outreach.campaigns.audience import describe_audience
from outreach.campaigns.preview import Offer, Preview, facts_for, missing_values, preview_campaign
from outreach.conversations.flow import Flow
from outreach.conversations.starting import Opening, start_conversation
from outreach.conversations.versions import flow_of, newest_version
from outreach.people.segments import Segment
from outreach.settings import Settings
from outreach.texting.models import Text
from tests.campaigns.desk import NOW, SETTINGS, seed, two_sessions
from tests.people.factories import make_number, make_person
from tests.trainings.factories import make_session


def invite(session: Session) -> Flow:
    seed(session)
    version = newest_version(session, "invite")
    assert version is not None
    return flow_of(session, version.id)


def preview_of(session: Session, offer: Offer, settings: Settings = SETTINGS) -> Preview:
    flow = invite(session)
    audience = describe_audience(session, settings, Segment.EVERYONE, offer.sessions, NOW)
    return preview_campaign(session, settings, flow, offer, audience, NOW)


def test_the_preview_is_word_for_word_what_is_sent(session: Session) -> None:
    offered = two_sessions(session)
    people = {}
    for name, language in (("Eve Stone", "en"), ("Ana García", "es")):
        number = make_number(session)
        people[language] = (make_person(session, name, numbers=[number], language=language), number)
    shown = preview_of(session, Offer(offered, "Luz"))
    for text in shown.texts:
        person, number = people[text.language]
        opening = Opening("invite", {"sessions": list(offered), "sender": "Luz"})
        conversation = start_conversation(session, SETTINGS, person, number, opening, NOW)
        sent = session.query(Text).filter_by(conversation_id=conversation.id).one()
        assert (text.body, text.segments) == (sent.body, sent.segments)
    assert not shown.missing


def test_each_text_is_counted_and_priced_as_it_would_be_sent(session: Session) -> None:
    offered = two_sessions(session)
    make_person(session, "Ana Plain", language="en")
    make_person(session, "Raúl Accent", language="en")
    shown = preview_of(session, Offer(offered, "Luz"))
    english = shown.texts[0]
    assert (english.encoding, english.segments, english.people) == ("GSM-7", 1, 2)
    assert english.all_segments == 3
    assert english.cost_millionths == 3 * SETTINGS.segment_out_millionths
    assert shown.cost_millionths == english.cost_millionths


def test_a_language_that_nobody_reads_is_worded_for_somebody_all_the_same(session: Session) -> None:
    make_person(session, "Eve Stone", language="en")
    spanish = preview_of(session, Offer(two_sessions(session), "Luz")).texts[1]
    assert spanish.borrowed
    assert spanish.body.startswith("Hola Eve,")
    assert (spanish.people, spanish.all_segments, spanish.cost_millionths) == (0, 0, 0)


def test_a_shared_number_is_not_greeted_by_name(session: Session) -> None:
    number = make_number(session)
    make_person(session, "Ana Uno", numbers=[number])
    make_person(session, "Bea Dos", numbers=[number])
    assert "Ana" not in preview_of(session, Offer(two_sessions(session), "Luz")).texts[0].body.split(",")[0]


def test_a_value_that_is_missing_is_named(session: Session) -> None:
    offered = two_sessions(session)
    make_person(session, "Eve Stone")
    assert [missing.field for missing in preview_of(session, Offer(offered, "")).missing] == ["sender"]
    assert [missing.field for missing in preview_of(session, Offer((), "Luz")).missing] == ["sessions"]


def test_a_session_without_a_place_is_named(session: Session) -> None:
    flow = invite(session)
    nowhere = make_session(session, now=NOW, sensitive=True, host="luz@example.org", neighbourhood="")
    facts = facts_for(session, SETTINGS, Offer((nowhere.id,), "Luz"), "en", NOW)
    assert [missing for missing in missing_values(flow, facts) if "the place of" in missing.what]


def test_nothing_is_written_down(session: Session) -> None:
    make_person(session, "Eve Stone")
    preview_of(session, Offer(two_sessions(session), "Luz"))
    session.flush()
    assert session.query(Text).count() == 0
    assert not session.new
