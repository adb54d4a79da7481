"""Forms of campaigns: what is typed, and what is wrong with it."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm  # type: ignore[import-untyped] # ships no types
from wtforms import (  # type: ignore[import-untyped] # ships no types
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
)
from wtforms.validators import DataRequired, Length, ValidationError  # type: ignore[import-untyped]
from wtforms.widgets import CheckboxInput, ListWidget  # type: ignore[import-untyped]

from outreach.campaigns.choices import Choices, session_words
from outreach.campaigns.given_words import Wish
from outreach.campaigns.launching import SESSIONS_AT_MOST, Plan
from outreach.campaigns.preview import Offer
from outreach.people.phones import BadPhone, normalise_phone
from outreach.people.segments import Segment
from outreach.trainings.local_time import read_local_time
from outreach.trainings.refusals import RefusedError

NOW, LATER = "now", "later"
PRESELECTED = 2


def _trimmed(value: str | None) -> str:
    return " ".join((value or "").split())


class CampaignForm(FlaskForm):  # type: ignore[misc] # ships no types
    """A campaign as it is typed: who, what, when. `key` names the form, so that sent twice it launches once."""

    wishes: tuple[Wish, ...] = ()
    key = HiddenField()
    segment = SelectField("Segment")
    flow = SelectField("Conversation")
    sessions = SelectMultipleField(
        "Sessions to offer", coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    sender = StringField(
        "Who signs", filters=[_trimmed], validators=[Length(max=30, message="Keep it to 30 characters: a first name.")]
    )
    name = StringField("Name of the campaign", filters=[_trimmed], validators=[Length(max=80)])
    when = RadioField("When to begin", choices={NOW: "Now", LATER: "At this time:"}, default=NOW)
    at = StringField("Day and time", filters=[_trimmed])
    test_phone = TelField("Your own number", filters=[_trimmed])

    @classmethod
    def asking_for(cls, wishes: Sequence[Wish]) -> "type[CampaignForm]":
        """Return this form with a field for each of the words that a flow wants from its campaign."""
        fields = {
            wish.field: StringField(wish.label, filters=[_trimmed], render_kw={"lang": wish.language})
            for wish in wishes
        }
        return type(cls.__name__, (cls,), {**fields, "wishes": tuple(wishes)})

    def __init__(self, choices: Choices, zone: ZoneInfo, now: datetime, **given: Any) -> None:  # noqa: ANN401 - WTForms' form
        free = [facts.id for facts in choices.sessions if facts.seats_left is None or facts.seats_left > 0]
        super().__init__(**{"sessions": free[:PRESELECTED], "key": secrets.token_hex(16), **given})
        self._choices, self._zone, self._now = choices, zone, now
        self.segment.choices = choices.segments
        self.flow.choices = choices.flows
        self.sessions.choices = {str(facts.id): session_words(facts) for facts in choices.sessions}
        self.starts_at = now

    def validate_segment(self, field: Field) -> None:
        """Refuse a segment that the chosen conversation is not meant for."""
        wanted = self._choices.only_for.get(self.chosen_flow, ())
        if wanted and field.data not in wanted:
            names = ", ".join(self._choices.segments[each] for each in wanted)
            raise ValidationError(f"This conversation is only for: {names}.")

    def validate_sessions(self, field: Field) -> None:
        """Refuse more sessions than a text can offer."""
        if len(field.data) > SESSIONS_AT_MOST:
            raise ValidationError(f"A text can offer {SESSIONS_AT_MOST} sessions at most. Choose fewer.")

    def validate_at(self, field: Field) -> None:
        """Read the time on the chapter's clock; it must be to come."""
        if self.when.data != LATER:
            return
        if not field.data:
            raise ValidationError("Give the day and the time.")
        try:
            self.starts_at = read_local_time(field.data, self._zone).at
        except RefusedError as error:
            raise ValidationError(str(error)) from None
        if self.starts_at <= self._now:
            raise ValidationError("This time is past. Give one to come, or begin now.")

    @property
    def chosen_segment(self) -> Segment:
        """Return the segment, the first one where none is understood."""
        names = self._choices.segments
        return Segment(self.segment.data if self.segment.data in names else next(iter(names)))

    @property
    def chosen_flow(self) -> str:
        """Return the flow's name, the first one where none is understood."""
        names = self._choices.flows
        return str(self.flow.data if self.flow.data in names else next(iter(names), ""))

    @property
    def offer(self) -> Offer:
        """Return what the texts are to speak of."""
        known = {facts.id for facts in self._choices.sessions}
        sessions = tuple(one for one in self.sessions.data or () if one in known)
        return Offer(sessions, self.sender.data or "", self.words)

    @property
    def words(self) -> dict[str, dict[str, str]]:
        """Return the words that the flow's texts take from this campaign, by placeholder and language."""
        given = dict[str, dict[str, str]]()
        for wish in self.wishes:
            given.setdefault(wish.name, {})[wish.language] = self[wish.field].data or ""
        return given

    def plan(self) -> Plan:
        """Return the campaign as it is to be launched."""
        offer = self.offer
        choices = self._choices
        name = self.name.data or f"{choices.flows[self.flow.data]}: {choices.segments[self.segment.data]}"
        return Plan(self.flow.data, self.segment.data, offer.sessions, offer.sender, name, self.starts_at, offer.words)

    def typed(self) -> list[tuple[str, str]]:
        """Return everything typed as (name, value), to carry it over the page that asks again."""
        plain = [(field.name, field.data or "") for field in self if field.name not in {"csrf_token", "sessions"}]
        return plain + [("sessions", str(one)) for one in self.sessions.data or ()]


def read_test_phone(field: Field) -> str | None:
    """Return the number in E.164; None, with the reason beside the field, where there is none."""
    try:
        return normalise_phone(field.data or "")
    except BadPhone as error:
        field.errors = [f"{error.reason[0].upper()}{error.reason[1:]}."]
        return None


class ReasonForm(FlaskForm):  # type: ignore[misc] # ships no types
    """Why a campaign is paused."""

    because = StringField(
        "Why?",
        filters=[_trimmed],
        validators=[
            DataRequired(message="Say why, in a few words: everybody will see it."),
            Length(max=200, message="Keep it to 200 characters."),
        ],
    )
