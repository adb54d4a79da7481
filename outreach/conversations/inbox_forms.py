"""The forms of the replies page."""

from flask_wtf import FlaskForm  # type: ignore[import-untyped] # ships no types
from wtforms import HiddenField, TextAreaField  # type: ignore[import-untyped] # ships no types
from wtforms.validators import DataRequired, Length  # type: ignore[import-untyped] # ships no types

from outreach.conversations.replying import LONGEST_REPLY

# What a member may need to come, in words for organizers.
NEEDS = {
    "childcare": "Childcare",
    "ride": "A ride",
    "ride_offer": "Offers a ride",
    "wheelchair": "Wheelchair access",
    "asl": "ASL",
    "captions": "Captions",
    "interpretation": "Interpretation",
    "remote": "Joining online",
    "masks": "Masks",
    "fragrance_free": "No fragrances",
    "food": "Food",
    "hearing": "Help with hearing",
    "other": "Something else",
}


def _as_sent(written: str | None) -> str:
    """Return an answer as it will be sent: line ends of one character, nothing around it."""
    return (written or "").replace("\r\n", "\n").strip()


class ReplyForm(FlaskForm):  # type: ignore[misc] # WTForms ships no types
    """An answer typed by a person; `seen` is the newest text that they had on the page."""

    body = TextAreaField(
        "Your answer",
        filters=[_as_sent],
        validators=[
            DataRequired("Write an answer first. If there is nothing to send, press Done."),
            Length(max=LONGEST_REPLY, message=f"An answer has at most {LONGEST_REPLY} characters. Make it shorter."),
        ],
    )
    seen = HiddenField()


def read_seen(written: str | None, text_id: int) -> int:
    """Return the newest text that was on the page; the text itself when the form does not say."""
    given = written or ""
    return max(int(given), text_id) if given.isascii() and given.isdecimal() and len(given) < 19 else text_id
