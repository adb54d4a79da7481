"""Flow versions: what a conversation runs on, kept as it was when it began."""

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import structlog
from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.conversations.edited_models import EditedWording
from outreach.conversations.edited_words import Edit, TextPlace, in_edited_words
from outreach.conversations.flow import Flow
from outreach.conversations.flow_files import FlowFile
from outreach.conversations.flow_form import read_flow
from outreach.conversations.flow_reading import FlowError
from outreach.conversations.models import FlowKeyword, FlowVersion
from outreach.conversations.newest_words import in_newest_words

log = structlog.get_logger()

# Built once, for every conversation begins with this.
_NEWEST = (
    select(FlowVersion.id)
    .where(FlowVersion.flow == bindparam("flow"))
    .order_by(FlowVersion.created_at.desc(), FlowVersion.id.desc())
    .limit(1)
)

# What differs once somebody has changed words, taken them back, or taken in a file.
_STAMP = select(
    select(func.count()).select_from(EditedWording).scalar_subquery(),
    select(func.max(EditedWording.edited_at)).scalar_subquery(),
    select(func.max(FlowVersion.created_at)).scalar_subquery(),
)
LOOK_EVERY = 2.0


def has_all_flows(session: Session, names: Iterable[str]) -> bool:
    """Tell whether there is a version of each of these flows to go on with."""
    return set(names) <= set(session.scalars(select(FlowVersion.flow).distinct()))


def seed_flows(
    session: Session, files: Mapping[str, FlowFile], now: datetime, keep: Collection[str] = frozenset()
) -> None:
    """Store a version row for every flow file that is new or changed; safe to run twice and at the same time.

    `keep` names flows whose files are no good now: the words that start them stay.
    """
    for name, file in sorted(files.items()):
        session.execute(
            insert(FlowVersion)
            .values(flow=name, checksum=file.checksum, definition=file.definition, created_at=now)
            .on_conflict_do_update(index_elements=[FlowVersion.flow, FlowVersion.checksum], set_={"created_at": now})
        )
    _seed_keywords(session, files, keep)


def _seed_keywords(session: Session, files: Mapping[str, FlowFile], keep: Collection[str]) -> None:
    rows = [
        {"word": word, "flow": name, "language": language, "anyone": given.anyone, "with_code": given.with_code}
        for name, file in sorted(files.items())
        if (given := file.flow.keywords) is not None
        for language, words in given.words.items()
        for word in words
    ]
    session.execute(
        delete(FlowKeyword).where(FlowKeyword.word.not_in([row["word"] for row in rows]), FlowKeyword.flow.not_in(keep))
    )
    for row in rows:
        upsert = insert(FlowKeyword).values(row)
        session.execute(upsert.on_conflict_do_update(index_elements=[FlowKeyword.word], set_=row))


def newest_version(session: Session, flow: str) -> FlowVersion | None:
    """Return the version that new conversations of this flow run on."""
    version_id = newest_version_id(session, flow)
    return None if version_id is None else session.get_one(FlowVersion, version_id)


def newest_version_id(session: Session, flow: str) -> int | None:
    """Return the id of the version that new conversations of this flow run on, without reading its definition."""
    return session.scalar(_NEWEST, {"flow": flow})


def flow_of(session: Session, version_id: int) -> Flow:
    """Return the flow of a version, in the newest words that fit its steps.

    Each process reads it once, and again after somebody changed words in the web or a file.
    """
    _forget_old_words(session)
    known = _known(version_id)
    if known:
        return known[0]
    row = session.get_one(FlowVersion, version_id)
    known.append(_in_newest_words(session, row))
    return known[0]


def _in_newest_words(session: Session, row: FlowVersion) -> Flow:
    edits = edits_of(session, row.flow)
    flow = in_edited_words(read_flow(row.flow, row.definition), edits)
    newest = newest_version(session, row.flow)
    if newest is None or newest.id == row.id:
        return flow
    try:
        return in_newest_words(flow, in_edited_words(read_flow(newest.flow, newest.definition), edits))
    except FlowError:
        # The version that a conversation stands on is good; it must not stop because of a newer one.
        log.error("bad_flow_version", flow=row.flow, version=newest.id)  # noqa: TRY400 - its words are the flow's
        return flow


def edits_of(session: Session, flow: str) -> list[Edit]:
    """Return the wordings of a flow that were changed in the web."""
    rows = session.scalars(select(EditedWording).where(EditedWording.flow == flow))
    return [
        Edit(TextPlace(row.step, row.part), {"en": row.en, "es": row.es}, {"en": row.file_en, "es": row.file_es})
        for row in rows
    ]


@dataclass(slots=True)
class _Seen:
    """When this process last looked whether words changed, and what it saw."""

    at: float = float("-inf")
    stamp: tuple[object, ...] = ()


_seen = _Seen()


def _forget_old_words(session: Session) -> None:
    """Read flows anew once words have changed; asked for at most every few seconds, as a turn is to stay cheap."""
    now = time.monotonic()
    if now - _seen.at < LOOK_EVERY:
        return
    stamp = tuple(session.execute(_STAMP).one())
    _seen.at = now
    if stamp != _seen.stamp:
        _seen.stamp = stamp
        _known.cache_clear()


def look_again() -> None:
    """Let this process see at once that words changed; others do so within some seconds."""
    _seen.at = float("-inf")


@lru_cache(maxsize=256)
def _known(version_id: int) -> list[Flow]:  # noqa: ARG001 - the argument is the cache's key
    return []
