"""What a row says of reaching somebody: their numbers, their e-mail, what they wish."""

import re

from outreach.people.importing import values
from outreach.people.importing.cells import Cells
from outreach.people.importing.staged import StagedNumber, Wishes
from outreach.people.models import NumberKind
from outreach.people.phones import BadPhone, normalise_phone, split_phones

_EMAIL = re.compile(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+")
_KINDS = {
    "phone_mobile": NumberKind.MOBILE,
    "phone_best": NumberKind.UNKNOWN,
    "phone_home": NumberKind.HOME,
}
_TYPES = {
    NumberKind.MOBILE: frozenset({"mobile", "cell", "cellphone", "cell phone", "celular", "movil", "móvil"}),
    NumberKind.HOME: frozenset({"home", "landline", "main", "casa"}),
    NumberKind.WORK: frozenset({"work", "office", "business", "trabajo"}),
}


def numbers_of(cells: Cells) -> tuple[tuple[StagedNumber, ...], str | None]:
    """Return a row's numbers, each once, and the complaint about the first cell part that is none."""
    kinds: dict[str, NumberKind] = {}
    complaint = None
    for field, kind in _KINDS.items():
        for column, cell in cells.named(field):
            for written in split_phones(cell):
                try:
                    _add(kinds, written, _typed(kind, cells))
                except BadPhone as bad:
                    complaint = complaint or f"{column}: {bad.reason}"
    if complaint and kinds:
        cells.odd["phone numbers of people who have another one"] += 1
    return tuple(StagedNumber(cells.row, phone, kinds[phone], rank) for rank, phone in enumerate(kinds)), complaint


def _typed(kind: NumberKind, cells: Cells) -> NumberKind:
    """Return a number's kind, from the list's phone type where the column's name does not say."""
    if kind is not NumberKind.UNKNOWN:
        return kind
    word = cells.first("phone_type").casefold()
    return next((typed for typed, words in _TYPES.items() if word in words), kind)


def _add(kinds: dict[str, NumberKind], written: str, kind: NumberKind) -> None:
    """Add a number; one that stands in two columns is what the surer of them says, a mobile before all."""
    # Work phones stay out altogether: an employer may listen.
    if values.is_nothing(written) or kind is NumberKind.WORK:
        return
    phone = normalise_phone(written)
    if kinds.get(phone, NumberKind.UNKNOWN) is NumberKind.UNKNOWN:
        kinds[phone] = kind


def email_of(cells: Cells) -> str | None:
    """Return a row's e-mail in lower case, None where there is none or it cannot be one."""
    cell = cells.first("email").lower()
    if not cell or values.is_nothing(cell):
        return None
    if len(cell) > 254 or not _EMAIL.fullmatch(cell):
        cells.odd["e-mail addresses"] += 1
        return None
    return cell


def wishes_of(cells: Cells, *, consent: bool) -> Wishes:
    """Return whether a row says no texts or no calls, and whether the list's consent (`consent`) is theirs too."""
    no_texts = any(values.says_no_contact(cell) for cell in cells.all("do_not_text"))
    no_calls = any(values.says_no_contact(cell) for cell in cells.all("do_not_call"))
    statuses = {values.meaning("sms", cell) for cell in cells.all("sms_status")}
    no_texts = no_texts or "out" in statuses
    # Where the list has a column for it, only those who are marked as subscribed have agreed.
    agreed = statuses == {"in"} if statuses else True
    return Wishes(no_texts, no_calls, consent and agreed and not no_texts)
