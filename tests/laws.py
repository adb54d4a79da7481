"""How many examples a law is tried with: a few in `make test`, many in `make soak`."""

import os

from hypothesis import HealthCheck, settings

SOAK = int(os.environ.get("SOAK", "1"))
"""`make soak` multiplies the examples by this."""


def laws(examples: int) -> settings:
    """Return Hypothesis' settings for a law; a rolled-back database may serve all of its examples."""
    return settings(
        max_examples=examples * SOAK, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
