"""What an import did, counted: for the command line, as JSON, and on the import's own row."""

from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.orm import Session

from outreach.people.importing.headers import Header

_COUNTS = """
WITH listed AS (SELECT DISTINCT person_id FROM staged_rows),
opted_out AS (
    SELECT DISTINCT l.person_id FROM listed JOIN person_numbers l ON l.person_id = listed.person_id
    JOIN phone_numbers t ON t.id = l.number_id
    WHERE l.retired_at IS NULL AND t.texts_opted_out_at IS NOT NULL
)
SELECT
    (SELECT count(DISTINCT person_id) FROM staged_rows WHERE created),
    (SELECT count(DISTINCT t.person_id) FROM touched t
     WHERE NOT EXISTS (SELECT FROM staged_rows s WHERE s.person_id = t.person_id AND s.created)),
    (SELECT count(*) FROM opted_out),
    (SELECT count(*) FROM listed JOIN standings s ON s.person_id = listed.person_id WHERE s.reach <> 'textable')
"""


@dataclass
class Report:
    """The figures of CONTRACT.md; `rows` is created + updated + unchanged + rejected."""

    import_id: int
    source: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    rejected: int = 0
    held: int = 0
    opted_out: int = 0
    not_textable: int = 0
    ignored_columns: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rejects_file: str | None = None

    @property
    def unchanged(self) -> int:
        """Return how many rows said nothing new."""
        return self.rows - self.rejected - self.created - self.updated

    def counts(self) -> dict[str, int]:
        """Return the figures by name."""
        names = ("rows", "created", "updated", "unchanged", "rejected", "held", "opted_out", "not_textable")
        return {name: getattr(self, name) for name in names}

    def as_json(self) -> dict[str, object]:
        """Return the report as the command line's JSON."""
        return {
            **self.counts(),
            "ignored_columns": self.ignored_columns,
            "warnings": self.warnings,
            "import_id": self.import_id,
            "source": self.source,
            "rejects_file": self.rejects_file,
        }


def count_outcome(session: Session, report: Report) -> None:
    """Fill in what the database knows after the rows are written and standings refreshed."""
    created, updated, opted_out, not_textable = session.execute(text(_COUNTS)).one()
    report.created, report.updated = created, updated
    report.opted_out, report.not_textable = opted_out, not_textable


def header_warnings(header: Header, *, consent: bool) -> list[str]:
    """Return what the operator should know of a list's columns."""
    warnings = []
    if not header.has("do_not_text", "sms_status"):
        warnings.append("the list has no column for opting out of texts: ask its owner for one, such as p2ptext_optout")
    if not consent:
        warnings.append("without --consent nobody new becomes textable: these people can be called")
    if header.system == "mobilize" and not header.is_attendance:
        warnings.append("these are sign-ups without who came: no attendance is recorded")
    return warnings
