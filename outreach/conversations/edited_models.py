"""The table of wordings that were changed in the web."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from outreach.database import Base


class EditedWording(Base):
    """A text of a flow as somebody worded it in the web, and the file's words that it stands in place of.

    It wins as long as the file says those; once it says others, both are shown and a person chooses.
    """

    __tablename__ = "edited_wordings"

    flow: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    en: Mapped[str]
    es: Mapped[str]
    file_en: Mapped[str]
    file_es: Mapped[str]
    edited_by: Mapped[str]
    edited_at: Mapped[datetime]
