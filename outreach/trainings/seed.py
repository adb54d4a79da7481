"""The catalogue that ships with the program, written into the database."""

from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as insert_if_new
from sqlalchemy.orm import Session

from outreach.trainings.models import Agreement, Material, Training

CATALOGUE = Path(__file__).with_name("catalogue.yaml")


def seed_catalogue(session: Session, now: datetime) -> None:
    """Add the trainings, materials and agreements that are not there yet.

    May run any number of times and at the same time. What is there is left as it is: the chapter may have edited it.
    """
    catalogue = YAML(typ="safe").load(CATALOGUE)
    for entry in catalogue["trainings"]:
        _seed_training(session, dict(entry), now)
    for position, entry in enumerate(catalogue["agreements"], start=1):
        line = {"slug": entry["slug"], "position": position, "words": entry["en"], "words_es": entry["es"]}
        session.execute(insert_if_new(Agreement).values(line).on_conflict_do_nothing())


def _seed_training(session: Session, entry: dict[str, Any], now: datetime) -> None:
    materials = entry.pop("materials", [])
    new = insert_if_new(Training).values(**entry, created_at=now).on_conflict_do_nothing().returning(Training.id)
    training_id = session.scalar(new)
    if training_id is not None and materials:
        session.execute(insert(Material), [{**material, "training_id": training_id} for material in materials])
