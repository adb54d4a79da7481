from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from outreach.database import make_engine
from outreach.demo.data import seed_demo
from tests.accounts.factories import cheap_passwords
from tests.demo.factories import NOW, demo_settings
from tests.servers import Servers, clone_database, drop_database


@pytest.fixture(autouse=True)
def passwords() -> Iterator[None]:
    with cheap_passwords():
        yield


@pytest.fixture(scope="session")
def seeded(
    servers: Servers, template: str, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    """A session on a database with the demo, for tests that only look."""
    name = f"{servers.run}_demo_data{worker_number}"
    engine = make_engine(clone_database(servers, template, name), 1)
    with Session(engine) as session:
        with cheap_passwords():
            seed_demo(session, demo_settings(tmp_path_factory.mktemp("demo")), NOW)
        session.commit()
        yield session
    engine.dispose()
    drop_database(servers, name)
