from datetime import UTC, datetime
from pathlib import Path

from outreach.settings import Settings

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)


def demo_settings(var_dir: Path, **given: object) -> Settings:
    return Settings.model_validate({"suppression_key": "k" * 32, "var_dir": var_dir, **given})
