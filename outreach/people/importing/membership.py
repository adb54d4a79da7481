"""What a row says of membership (ORGANIZING 3.4): the mapped word beside the raw one."""

from datetime import date, timedelta

from outreach.people.importing import values
from outreach.people.importing.cells import MAX_WORDS, Cells
from outreach.people.importing.headers import MEMBERSHIP
from outreach.people.importing.staged import MembershipFacts
from outreach.people.models import Membership

CONSTITUTIONAL_DAYS = 365  # for so long after the day of expiry a member still counts as one


def membership_of(cells: Cells, listed_on: date) -> MembershipFacts:
    """Return the membership that a row states; without a word, its day of expiry decides."""
    if not cells.header.has(*MEMBERSHIP):
        return MembershipFacts(listed_on)
    joined, expires, word = cells.date("join_date"), cells.date("expiry_date"), _status_word(cells)
    standing = _standing(cells, word, expires, listed_on)
    if standing is Membership.UNKNOWN and not (joined or expires or word):
        return MembershipFacts(listed_on)
    dues = values.meaning("dues", cells.first("membership_type"))
    return MembershipFacts(
        listed_on=listed_on,
        standing=standing,
        raw_word=word or None,
        joined_on=joined,
        expires_on=expires,
        lifetime=expires == values.LIFETIME or dues == "lifetime",
        dues=dues,
        billing=_billing(cells),
    )


def _status_word(cells: Cells) -> str:
    """Return the status in words where the list has it, else the letter."""
    found = [cell for cell in cells.all("membership_status") + cells.all("status_letter") if cell]
    return next((word for word in found if len(word) > 1), found[0] if found else "")[:MAX_WORDS]


def _standing(cells: Cells, word: str, expires: date | None, listed_on: date) -> Membership:
    known = values.meaning("status", word)
    if known is None:
        cells.odd["membership words (kept as they stand)"] += 1
    if known not in {None, "unknown"}:
        return Membership(known)
    if expires is None:
        return Membership.UNKNOWN
    if expires >= listed_on:
        return Membership.GOOD_STANDING
    return Membership.MEMBER if (listed_on - expires) < timedelta(days=CONSTITUTIONAL_DAYS) else Membership.LAPSED


def _billing(cells: Cells) -> str | None:
    """Return how the dues are paid: of the monthly and the yearly column, the one that is in use."""
    stated = cells.all("monthly_dues_status") + cells.all("yearly_dues_status")
    found = [word for cell in stated if (word := values.meaning("billing", cell))]
    return next((word for word in found if word != "never"), found[0] if found else None)
