"""Opening a photo or voice note: a deliberate act, written down, and never by Twilio's own address."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from outreach import clock
from outreach.accounts.access import acting, roles_required
from outreach.accounts.audit import record_act, record_restricted_act
from outreach.conversations.inbox_views import WHO
from outreach.conversations.media import NotFetchedError, fetch, keep_media, kept_media, wanted_media
from outreach.conversations.replying import Handling, NotThereError, find_waiting
from outreach.database import transaction
from outreach.process import current

pages = Blueprint("media", __name__, url_prefix="/replies/<int:text_id>/media/<int:place>")


@pages.post("")
@roles_required(*WHO)
def open_file(text_id: int, place: int) -> Response:
    """Fetch a file from Twilio and keep it for whoever may see the thread."""
    now, back = clock.now(), request.form.get("thread", text_id, int)
    handling = Handling(text_id, text_id, acting(), now)
    try:
        with transaction() as session:
            text, _ = find_waiting(session, handling)
            wanted = wanted_media(text, place)
        content = fetch(current().settings, wanted)
        with transaction() as session:
            keep_media(session, text_id, place, wanted.content_type, content, acting(), now)
            record = record_restricted_act if text.restricted else record_act
            record(session, acting(), "photo or recording opened", now, text=text_id, place=place)
    except NotThereError:
        abort(404)
    except NotFetchedError as error:
        flash(str(error))
    return redirect(url_for("replies.show_reply", text_id=back))


@pages.get("")
@roles_required(*WHO)
def show_file(text_id: int, place: int) -> Response:
    """Hand out a file that somebody has opened, to whoever may see the thread."""
    with transaction() as session:
        try:
            find_waiting(session, Handling(text_id, text_id, acting(), clock.now()))
        except NotThereError:
            abort(404)
        kept = kept_media(session, text_id, place)
    if kept is None or kept.content is None:
        abort(404)
    head = {
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(kept.content, content_type=kept.content_type, headers=head)
