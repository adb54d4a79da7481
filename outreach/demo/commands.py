"""`outreach demo`: what the launcher runs to make the demo's data and to name the phones. Not for anybody else."""

import click

from outreach import clock
from outreach.database import transaction
from outreach.demo.contacts import push_contacts
from outreach.demo.data import seed_demo
from outreach.process import connected


@click.group(hidden=True)
def demo() -> None:
    """Demo data, in the sandbox alone."""


@demo.command()
def seed() -> None:
    """Make the demo's data when nobody is known yet; any other time nothing happens."""
    with connected() as process, transaction() as session:
        seed_demo(session, process.settings, clock.now())


@demo.command()
def contacts() -> None:
    """Tell the phones page who is who."""
    with connected() as process, transaction() as session:
        push_contacts(session, process.settings)
