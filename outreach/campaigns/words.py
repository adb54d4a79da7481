"""Words for people: segments, reasons, states, amounts."""

from outreach.campaigns.audience import ALREADY_ANSWERED, ASKED_RECENTLY, WITH_A_PERSON
from outreach.campaigns.dashboard import Outcome
from outreach.campaigns.models import CampaignState
from outreach.campaigns.results import PAUSED
from outreach.conversations.verifying import UNVERIFIED
from outreach.people.models import Reach
from outreach.people.segments import SHARED_NUMBER, SNOOZED, Segment

SEGMENT_WORDS = {
    Segment.EVERYONE: "Everyone but lapsed members",
    Segment.NEW: "New members",
    Segment.ACTIVE: "Active members",
    Segment.COOLING: "Cooling: active once, not lately",
    Segment.INACTIVE: "Inactive members",
    Segment.NEVER_ACTIVE: "Never active since they joined",
    Segment.UNKNOWN_ACTIVITY: "Members whose activity is not known",
    Segment.EXPIRED: "Members whose dues ran out",
    Segment.LAPSED: "Lapsed members",
    Segment.CONTACT: "Contacts who are not members",
    Segment.UNREACHABLE: "Nobody who can be reached",
}
# Why somebody is left out: when the audience is counted, or when their turn comes.
WHY_WORDS: dict[str, str] = {
    Reach.OPTED_OUT: "opted out of texts",
    Reach.NO_CONSENT: "never agreed to texts",
    Reach.NO_MOBILE: "have no mobile number",
    Reach.NO_NUMBER: "have no number",
    Reach.WRONG_NUMBER: "have a wrong number",
    Reach.HELD: "are held for a person to look at",
    Reach.UNDER_18: "are under 18",
    Reach.DECEASED: "have died",
    SNOOZED: "asked to be asked later",
    SHARED_NUMBER: "share a number with somebody who gets the text",
    ASKED_RECENTLY: "were asked something lately",
    ALREADY_ANSWERED: "answered about these sessions already",
    WITH_A_PERSON: "are talking with an organizer now",
    "asked_often": "were asked often enough this month",
    "no_sessions": "came when no session was left",
    "no_such_flow": "came when the flow was gone",
    "bad_number": "have a number that takes no texts",
    UNVERIFIED: "have a number that nobody has confirmed for a year",
    "merged": "are the same person as somebody else",
    "busy": "were busy with another conversation",
    "cancelled": "were not asked: the campaign was cancelled",
    "text_canceled": "had their text taken back",
    "text_expired": "had a text that came too late",
    "text_suppressed": "opted out, or were held, before their text left",
}
OUTCOME_WORDS = {
    Outcome.YES: "Yes",
    Outcome.MAYBE: "Maybe",
    Outcome.NO: "No",
    Outcome.OPTED_OUT: "Opted out",
    Outcome.NO_ANSWER: "No answer yet",
    Outcome.LEFT_OUT: "Left out",
}
STATE_TONES = {
    CampaignState.SCHEDULED: "quiet",
    CampaignState.RUNNING: "good",
    CampaignState.DONE: "quiet",
    CampaignState.CANCELLED: "bad",
    PAUSED: "warn",
}


def why_words(because: str) -> str:
    """Word a reason; one without words of its own is shown as it is, with spaces."""
    return WHY_WORDS.get(because, because.replace("_", " "))


def dollars(millionths: int) -> str:
    """Word an amount of money: `$3.84`, and less than a cent as such."""
    cents = -(-millionths // 10_000)
    if 0 < millionths < 10_000:
        return "less than 1 cent"
    return f"${cents // 100:,}.{cents % 100:02}"
