"""Flow versions: what a conversation runs on, kept as it was when it began."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import lru_cache

import structlog
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

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
    """Return the flow of a version, in the newest words that fit its steps; each process reads it once.

    New words come with a new version, which `outreach migrate` stores before the processes start.
    """
    known = _known(version_id)
    if known:
        return known[0]
    row = session.get_one(FlowVersion, version_id)
    known.append(_in_newest_words(session, row))
    return known[0]


def _in_newest_words(session: Session, row: FlowVersion) -> Flow:
    flow = read_flow(row.flow, row.definition)
    newest = newest_version(session, row.flow)
    if newest is None or newest.id == row.id:
        return flow
    try:
        return in_newest_words(flow, read_flow(newest.flow, newest.definition))
    except FlowError:
        # The version that a conversation stands on is good; it must not stop because of a newer one.
        log.error("bad_flow_version", flow=row.flow, version=newest.id)  # noqa: TRY400 - its words are the flow's
        return flow


@lru_cache(maxsize=256)
def _known(version_id: int) -> list[Flow]:  # noqa: ARG001 - the argument is the cache's key
    return []
