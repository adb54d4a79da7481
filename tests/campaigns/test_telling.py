"""Whoever is on call, and whoever launched it, hears by text that a campaign has paused itself."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.campaigns.launching import pause, resume
from outreach.campaigns.telling import tell_pauses, untold_pauses
from outreach.conversations.house import house_text
from outreach.conversations.models import DutyKind
from outreach.people.models import PhoneNumber
from outreach.texting.gates import BY_TWILIO, close_gate
from outreach.texting.models import Text
from tests.conversations.test_sensitive import on_duty
from tests.factories import NOW, ORGANIZER, make_campaign, make_session, make_settings

ON_CALL, OWNER = "+12135550181", "+12135550182"
SETTINGS: dict[str, Any] = {"on_call_numbers": ON_CALL}


def told(session: Session) -> list[tuple[str, str]]:
    rows = select(PhoneNumber.phone, Text.body).join(Text, Text.number_id == PhoneNumber.id).order_by(Text.id)
    return [(phone, body) for phone, body in session.execute(rows)]


def test_an_error_code_that_pauses_a_campaign_rings_who_is_on_call_and_its_owner_once(session: Session) -> None:
    settings = make_settings(**SETTINGS)
    on_duty(session, ORGANIZER, OWNER, DutyKind.REPLIES)
    campaign = make_campaign(session, sessions=(make_session(session).id,))
    close_gate(session, campaign.gate, BY_TWILIO, "Twilio error 30034: number not registered", NOW)
    for _ in range(2):
        tell_pauses(settings, NOW)
    assert [phone for phone, _ in told(session)] == [ON_CALL, OWNER]
    assert {body for _, body in told(session)} == {house_text("campaign_paused", "en", settings)}
    assert session.scalars(untold_pauses()).all() == []


def test_paused_again_after_it_was_mended_it_is_told_again(session: Session) -> None:
    settings, campaign = make_settings(**SETTINGS), make_campaign(session, sessions=(make_session(session).id,))
    for _ in range(2):
        close_gate(session, campaign.gate, BY_TWILIO, "Twilio error 30034", NOW)
        tell_pauses(settings, NOW)
        resume(session, campaign.id, ORGANIZER, NOW)
    assert [phone for phone, _ in told(session)] == [ON_CALL] * 2


def test_what_a_person_paused_rings_nobody(session: Session) -> None:
    campaign = make_campaign(session, sessions=(make_session(session).id,))
    pause(session, campaign.id, ORGANIZER, "lunch", NOW)
    assert tell_pauses(make_settings(**SETTINGS), NOW) == 0
