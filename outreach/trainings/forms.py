"""The forms of the sessions' pages. What a session refuses is shown beside the field that it is about."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm  # type: ignore[import-untyped] # ships no types
from wtforms import (  # type: ignore[import-untyped] # ships no types
    BooleanField,
    Field,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import (  # type: ignore[import-untyped] # as above
    DataRequired,
    InputRequired,
    Length,
    Optional,
    StopValidation,
    ValidationError,
)
from wtforms.widgets import CheckboxInput  # type: ignore[import-untyped] # as above

from outreach.trainings.local_time import read_local_time
from outreach.trainings.models import SessionKind, Training, TrainingSession
from outreach.trainings.plans import SessionChange, SessionPlan, check_capacity, check_minutes, check_start
from outreach.trainings.refusals import RefusedError
from outreach.trainings.walk_ins import Language, WalkIn, consent_wording, read_phone

SPOKEN = [SelectChoice("en", "English"), SelectChoice("es", "Spanish")]
KINDS = [SelectChoice(kind.value, kind.value.capitalize()) for kind in SessionKind]
NO_PLACE = "The session has no place. Give a place or a link."
Validate = Callable[["SessionForm", Field], None]


class Whereabouts(TypedDict):
    """Where a session is, as plans and changes take it."""

    place: str
    neighbourhood: str
    address: str
    link: str
    contact: str


def _refuse_as(check: Callable[[Any], object]) -> Validate:
    """Make a validator of a check that raises RefusedError."""

    def validate(_form: "SessionForm", field: Field) -> None:
        if field.data is None:
            return
        try:
            check(field.data)
        except RefusedError as error:
            raise ValidationError(str(error)) from None

    return validate


def _line(label: str, longest: int = 200) -> StringField:
    return StringField(label, validators=[Length(max=longest, message=f"Use at most {longest} characters.")])


class SessionForm(FlaskForm):  # type: ignore[misc] # WTForms ships no types
    """When and where a session is."""

    starts = StringField("Starts", validators=[InputRequired("Say when it starts.")])
    minutes = IntegerField(
        "Length in minutes",
        validators=[InputRequired("Say how many minutes it lasts, such as 180."), _refuse_as(check_minutes)],
    )
    place = _line("Place, as everybody is told")
    neighbourhood = _line("Neighbourhood (public)")
    address = _line("Address (only for those who said yes)")
    link = _line("Link, if it is online", 500)
    contact = _line("Whom to call on the day")

    def __init__(self, zone: ZoneInfo, now: datetime, **given: Any) -> None:  # noqa: ANN401 - WTForms' form
        super().__init__(**given)
        self._zone = zone
        self._now = now
        self.starts_at = now
        self.note = ""

    def validate_starts(self, field: Field) -> None:
        """Read the time on the clock of the session's zone."""
        try:
            read = read_local_time(field.data, self._zone)
            check_start(read.at, self._now)
        except RefusedError as error:
            raise StopValidation(_in_words(str(error))) from None
        self.starts_at, self.note = read.at, read.note

    def validate_place(self, field: Field) -> None:
        """Ask for one of the ways to find it."""
        if not any(map(_tidy, (field, self.neighbourhood, self.address, self.link))):
            raise ValidationError(NO_PLACE)

    def whereabouts(self) -> Whereabouts:
        """Return where it is, without spaces around."""
        return Whereabouts(
            place=_tidy(self.place),
            neighbourhood=_tidy(self.neighbourhood),
            address=_tidy(self.address),
            link=_tidy(self.link),
            contact=_tidy(self.contact),
        )


class AddSessionForm(SessionForm):
    """A session to be added."""

    training = SelectField("Training", coerce=int)
    kind = SelectField("Kind", choices=KINDS, default=SessionKind.TRAINING.value)
    capacity = IntegerField(
        "Seats (empty: no limit)",
        validators=[Optional(), _refuse_as(check_capacity)],
    )
    languages = SelectMultipleField(
        "Languages spoken there",
        choices=SPOKEN,
        default=["en"],
        option_widget=CheckboxInput(),
        validators=[DataRequired("Choose at least one language.")],
    )
    sensitive = BooleanField("Sensitive: not public, and the host confirms each person")
    host = _line("Host's e-mail, for a sensitive session")

    def __init__(self, trainings: Sequence[Training], **given: Any) -> None:  # noqa: ANN401 - WTForms' form
        super().__init__(**given)
        self.training.choices = [SelectChoice(training.id, training.title) for training in trainings]

    def validate_host(self, field: Field) -> None:
        """Ask for the host of a sensitive session."""
        if self.sensitive.data and not _tidy(field):
            raise ValidationError("A sensitive session needs a host who confirms each person. Name the host's account.")

    def plan(self) -> SessionPlan:
        """Return the session as it was written down. Raises RefusedError."""
        return SessionPlan(
            training_id=self.training.data,
            starts_at=self.starts_at,
            minutes=self.minutes.data,
            timezone=self._zone.key,
            capacity=self.capacity.data,
            kind=SessionKind(self.kind.data),
            languages=tuple(self.languages.data),
            sensitive=self.sensitive.data,
            host=_tidy(self.host) or None,
            **self.whereabouts(),
        )


class MoveSessionForm(SessionForm):
    """A change of a session: begins with what is so far."""

    def fill(self, gathering: TrainingSession) -> None:
        """Write into the form how the session is now."""
        self.starts.data = gathering.starts_at.astimezone(self._zone).strftime("%Y-%m-%dT%H:%M")
        self.minutes.data = gathering.minutes
        for name in Whereabouts.__annotations__:
            self[name].data = getattr(gathering, name)

    def change(self) -> SessionChange:
        """Return what is to change; what is as before stays so."""
        return SessionChange(starts_at=self.starts_at, minutes=self.minutes.data, **self.whereabouts())


class WalkInForm(FlaskForm):  # type: ignore[misc] # WTForms ships no types
    """Somebody at the door who is on no sheet."""

    name = StringField("Name", validators=[DataRequired("Write at least a first name."), Length(max=100)])
    phone = StringField("Phone (may stay empty)", validators=[Length(max=40)])
    language = SelectField("Language", choices=SPOKEN, default="en")
    agreed = BooleanField("They have heard these words and agree to texts")

    def validate_phone(self, field: Field) -> None:
        """Say what is wrong with a phone; whoever agrees to texts needs one."""
        try:
            phone = read_phone(field.data or "")
        except RefusedError as error:
            raise ValidationError(str(error)) from None
        if self.agreed.data and not phone:
            raise ValidationError("Write their phone: it is what they agree to texts on.")

    def walk_in(self, org: str) -> WalkIn:
        """Return who it is, with the wording in their language if they agreed to it."""
        language: Language = "es" if self.language.data == "es" else "en"
        agreed = consent_wording(language, org) if self.agreed.data else ""
        return WalkIn(_tidy(self.name), _tidy(self.phone), language, agreed)


def _tidy(field: Field) -> str:
    return (field.data or "").strip()


def _in_words(refusal: str) -> str:
    """Return a refusal without the machine's form of the time that it begins with."""
    first, _, rest = refusal.partition(" is ")
    return f"That is {rest}" if "T" in first and rest else refusal
