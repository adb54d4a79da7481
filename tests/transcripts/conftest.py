from collections.abc import Iterator

import pytest

from outreach.conversations import versions


@pytest.fixture(autouse=True)
def fresh_flows() -> Iterator[None]:
    """Versions are remembered by their ids, which several test databases give anew."""
    versions._known.cache_clear()
    yield
    versions._known.cache_clear()
