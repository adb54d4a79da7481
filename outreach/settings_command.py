import click

from outreach.settings import describe, load_settings


@click.command()
def settings() -> None:
    """Print every setting with its value and meaning, secrets masked."""
    rows = describe(load_settings())
    name_width = max(len(name) for name, _, _ in rows)
    value_width = max(len(value) for _, value, _ in rows)
    for name, value, meaning in rows:
        click.echo(f"{name:<{name_width}}  {value:<{value_width}}  {meaning}")
