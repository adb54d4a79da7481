"""`outreach migrate`: the schema, the catalogue and the flows."""

import click
from sqlalchemy.exc import OperationalError

from outreach import clock, database, embedded
from outreach.conversations.flow_files import FlowFileError, flow_paths, good_flows
from outreach.conversations.rewording import flows_to_choose
from outreach.conversations.versions import has_all_flows, seed_flows
from outreach.errors import OutreachError
from outreach.settings import load_settings
from outreach.trainings.seed import seed_catalogue


@click.command()
def migrate() -> None:
    """Bring the schema up to date and seed the catalogue and the flows; safe to run twice and at the same time.

    A bad flow file stops the first start; later the version from before goes on, and each complaint is printed.
    """
    settings = load_settings()
    flows, complaints = good_flows(settings.flows_dir)
    with embedded.reach(settings) as reachable:
        try:
            database.migrate(reachable.database_url)
        except OperationalError:
            raise OutreachError("DATABASE_URL: the database does not answer. Start it, or mend DATABASE_URL") from None
        engine = database.make_engine(reachable.database_url, pool_size=1)
        database.configure(engine)
        with database.transaction() as session:
            now = clock.now()
            seed_catalogue(session, now)
            if complaints and not has_all_flows(session, flow_paths(settings.flows_dir)):
                raise FlowFileError(complaints)
            seed_flows(session, flows, now, keep=flow_paths(settings.flows_dir).keys() - flows.keys())
            to_choose = sorted(flows_to_choose(session))
        engine.dispose()
    for name in to_choose:
        page = f"{settings.public_url}/flows/{name}"
        click.echo(
            f"{name}: texts were changed in the web and now in the file. Choose between them at {page}", err=True
        )
    for line in complaints:
        # What ran before goes on running; `outreach doctor` says so too.
        click.echo(f"{line} (the version from before goes on)", err=True)
