"""The consent ledger: who agreed to what, who said stop; and the current wish on the number beside it.

Every function appends to the ledger and sets the number's columns in the same transaction. Numbers stand in the
ledger as HMAC-SHA256 under SUPPRESSION_KEY, so that a wish outlives the person's deletion.
"""

import hashlib
import hmac
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.people.models import ConsentAction, ConsentEvent, NumberStatus, PhoneNumber, Scope


def number_hash(phone: str, key: str) -> str:
    """Return the keyed hash by which the ledger knows a number in E.164: 64 hexadecimal digits."""
    return hmac.new(key.encode(), phone.encode(), hashlib.sha256).hexdigest()


def opt_out_number(  # noqa: PLR0913 - each argument is a column of the ledger
    session: Session,
    number: PhoneNumber,
    *,
    scope: Scope,
    source: str,
    rule: str | None = None,
    raw_text: str | None = None,
    now: datetime,
    key: str,
    by: str | None = None,
) -> None:
    """Stop texts or calls to a number, for everybody on it. Said twice, it stands twice in the ledger."""
    _append(session, number, ConsentAction.OPT_OUT, scope, source, now, key, rule=rule, raw_text=raw_text, by=by)
    if scope is Scope.TEXTS:
        number.texts_opted_out_at = number.texts_opted_out_at or now
    else:
        number.calls_opted_out_at = number.calls_opted_out_at or now
    session.flush()


def opt_in_number(  # noqa: PLR0913 - each argument is a column of the ledger
    session: Session,
    number: PhoneNumber,
    *,
    source: str,
    rule: str | None = None,
    raw_text: str | None = None,
    now: datetime,
    key: str,
) -> None:
    """Lift the opt-out from texts because the person said START themselves; that is consent too."""
    _append(session, number, ConsentAction.OPT_IN, Scope.TEXTS, source, now, key, rule=rule, raw_text=raw_text)
    number.texts_opted_out_at = None
    number.consented_at = now
    _revive(number)
    session.flush()


def record_consent(  # noqa: PLR0913 - each argument is a column of the ledger
    session: Session,
    number: PhoneNumber,
    *,
    wording: str,
    source: str,
    by: str | None,
    now: datetime,
    key: str,
    raw_text: str | None = None,
    signed: bool = False,
) -> bool:
    """Note that the holder agreed to texts in these words. Returns whether the number is consented now.

    An opt-out stands unless the person agreed anew themselves (`signed`): a list never lifts one.
    """
    if number.texts_opted_out_at is not None and not signed:
        return False
    _append(
        session,
        number,
        ConsentAction.CONSENT,
        Scope.TEXTS,
        source,
        now,
        key,
        wording=wording,
        raw_text=raw_text,
        by=by,
    )
    number.consented_at = now
    number.texts_opted_out_at = None
    if signed:
        _revive(number)
    session.flush()
    return True


def allow_calls(  # noqa: PLR0913 - each argument is a column of the ledger
    session: Session,
    number: PhoneNumber,
    *,
    source: str,
    raw_text: str,
    by: str,
    now: datetime,
    key: str,
) -> None:
    """Lift the opt-out from calls because the holder told one of ours so."""
    _append(session, number, ConsentAction.OPT_IN, Scope.CALLS, source, now, key, raw_text=raw_text, by=by)
    number.calls_opted_out_at = None
    session.flush()


def _revive(number: PhoneNumber) -> None:
    """Let a number that failed, or was taken back by its carrier, be texted again: its holder has just used it."""
    if number.status in {NumberStatus.BAD, NumberStatus.INVALID}:
        number.status = NumberStatus.OK


def was_opted_out(session: Session, phone: str, key: str, scope: Scope = Scope.TEXTS) -> bool:
    """Tell from the ledger alone whether a number's newest wish is to be left in peace."""
    return opted_out_at(session, phone, key, scope) is not None


def opted_out_at(session: Session, phone: str, key: str, scope: Scope) -> datetime | None:
    """Return since when the ledger has a number opted out; None when it is not, or has been lifted since."""
    newest = session.scalars(
        select(ConsentEvent)
        .where(ConsentEvent.number_hash == number_hash(phone, key), ConsentEvent.scope == scope)
        .where(ConsentEvent.action != ConsentAction.WITHDRAWN)
        .order_by(ConsentEvent.id.desc())
        .limit(1)
    ).one_or_none()
    return newest.at if newest is not None and newest.action == ConsentAction.OPT_OUT else None


def keep_earlier_wishes(session: Session, number: PhoneNumber, key: str) -> None:
    """Set on a new number row the opt-outs that the ledger remembers from before a deletion."""
    number.texts_opted_out_at = opted_out_at(session, number.phone, key, Scope.TEXTS)
    number.calls_opted_out_at = opted_out_at(session, number.phone, key, Scope.CALLS)
    session.flush()


def _append(  # noqa: PLR0913, PLR0917 - as above
    session: Session,
    number: PhoneNumber,
    action: ConsentAction,
    scope: Scope,
    source: str,
    now: datetime,
    key: str,
    *,
    rule: str | None = None,
    wording: str | None = None,
    raw_text: str | None = None,
    by: str | None = None,
) -> None:
    session.add(
        ConsentEvent(
            number_hash=number_hash(number.phone, key),
            action=action,
            scope=scope,
            source=source,
            rule=rule,
            wording=wording,
            raw_text=raw_text,
            by=by,
            at=now,
        )
    )
