"""Photos and voice notes: fetched from Twilio when somebody opens one, kept for 30 days at most, then deleted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import requests
import structlog
from sqlalchemy import null, select, update
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from outreach.conversations.models import MediaFile
from outreach.database import transaction
from outreach.errors import OutreachError
from outreach.settings import Settings
from outreach.texting.models import Direction, ProviderId, Text

log = structlog.get_logger()

DELETE = "outreach.conversations.jobs.delete_media"
KEPT_FOR = timedelta(days=30)
LARGEST = 5_000_000
SECONDS = 20
CHUNK = 65_536
# What a browser shows without running anything; the first bytes must say the same.
SIGNS = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
    "audio/mpeg": (b"ID3", b"\xff\xfb", b"\xff\xf3"),
    "audio/ogg": (b"OggS",),
    "audio/amr": (b"#!AMR",),
    "audio/wav": (b"RIFF",),
    "audio/mp4": (),
    "video/3gpp": (),
    "video/mp4": (),
}
BOX = b"ftyp"


class NotFetchedError(OutreachError):
    """Say why a photo or voice note cannot be shown."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fetched: from where, and as what Twilio announced it."""

    url: str
    content_type: str


def wanted_media(text: Text, place: int) -> Wanted:
    """Return the address and type of one of a text's files. Raises NotFetchedError."""
    files = text.media or []
    if not 0 <= place < len(files):
        raise NotFetchedError("There is no such file.")
    return Wanted(files[place]["url"], files[place].get("type", "").partition(";")[0].strip().lower())


def kept_media(session: Session, text_id: int, place: int) -> MediaFile | None:
    """Return a file that somebody has opened before, while it is kept."""
    found = session.get(MediaFile, (text_id, place))
    return found if found is not None and found.content is not None else None


def fetch(settings: Settings, wanted: Wanted) -> bytes:
    """Fetch a file with our credentials; its kind, beginning and size are checked. Raises NotFetchedError."""
    if wanted.content_type not in SIGNS:
        raise NotFetchedError("This kind of file is not opened here. Ask them to tell you what is in it.")
    _check_address(settings, wanted.url)
    sid = settings.twilio_api_key or settings.twilio_account_sid
    secret = settings.twilio_api_secret if settings.twilio_api_key else settings.twilio_auth_token
    try:
        # requests drops the credentials when Twilio redirects to its store.
        answer = requests.get(wanted.url, auth=(sid, secret.get_secret_value()), timeout=SECONDS, stream=True)
        with answer:
            if answer.status_code != requests.codes.ok:
                raise NotFetchedError("Twilio does not have it any more, or refused it.")
            content = _read(answer)
    except requests.RequestException:
        raise NotFetchedError("Twilio did not hand it out. Try again in a while.") from None
    if not _is(content, wanted.content_type):
        raise NotFetchedError("It is not what it says it is, so it is not opened here.")
    return content


def _read(answer: requests.Response) -> bytes:
    content = bytearray()
    for chunk in answer.iter_content(CHUNK):
        content += chunk
        if len(content) > LARGEST:
            raise NotFetchedError("It is larger than 5 MB, so it is not opened here.")
    return bytes(content)


def _is(content: bytes, content_type: str) -> bool:
    signs = SIGNS[content_type]
    return content.startswith(signs) if signs else content[4:8] == BOX


def _check_address(settings: Settings, url: str) -> None:
    """Refuse any address but Twilio's own: the form that named it was signed, and yet nothing else is ours to ask."""
    parts, twilio = urlsplit(url), urlsplit(settings.twilio_api_url)
    if parts.hostname == twilio.hostname and parts.port == twilio.port and parts.scheme == twilio.scheme:
        return
    host = parts.hostname or ""
    if parts.scheme != "https" or not (host == "twilio.com" or host.endswith(".twilio.com")):
        raise NotFetchedError("It lies somewhere else than at Twilio, so it is not opened here.")


def keep_media(  # noqa: PLR0913, PLR0917 - a file has these parts
    session: Session, text_id: int, place: int, content_type: str, content: bytes, by: str, now: datetime
) -> None:
    """Keep what somebody opened, for the others who may see this thread."""
    row = insert(MediaFile).values(
        text_id=text_id, place=place, content_type=content_type, content=content, fetched_at=now, opened_by=by
    )
    session.execute(row.on_conflict_do_nothing())


def old_media(session: Session, now: datetime, limit: int) -> list[tuple[int, str]]:
    """Return texts whose files have been at Twilio and here long enough, with Twilio's id."""
    old = (
        select(Text.id, ProviderId.sid)
        .join(ProviderId, ProviderId.text_id == Text.id)
        .where(Text.direction == Direction.IN, sql("media IS NOT NULL AND media <> 'null'"))
        .where(Text.created_at < now - KEPT_FOR)
        .order_by(Text.created_at)
        .limit(limit)
    )
    return [(text_id, sid) for text_id, sid in session.execute(old)]


def delete_old_media(client: Client, now: datetime, limit: int = 20) -> int:
    """Delete files at Twilio, then here; what Twilio does not delete now is tried again. Returns how many texts."""
    with transaction() as session:
        old = old_media(session, now, limit)
    done = [text_id for text_id, sid in old if _delete_at_twilio(client, sid)]
    with transaction() as session:
        session.execute(update(MediaFile).where(MediaFile.text_id.in_(done)).values(content=None, deleted_at=now))
        session.execute(update(Text).where(Text.id.in_(done)).values(media=null()))
    return len(done)


def _delete_at_twilio(client: Client, sid: str) -> bool:
    try:
        for medium in client.messages(sid).media.list(limit=10):
            client.messages(sid).media(medium.sid).delete()
    except TwilioException as error:
        # The SDK says it as a page that it could not fetch, with Twilio's answer beside it.
        answer = error.args[-1] if error.args else None
        if requests.codes.not_found in {getattr(error, "status", None), getattr(answer, "status_code", None)}:
            return True
        log.warning("media_not_deleted", error=type(error).__name__)
        return False
    except requests.RequestException as error:
        log.warning("media_not_deleted", error=type(error).__name__)
        return False
    return True
