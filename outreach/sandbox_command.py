"""`outreach sandbox`: the local Twilio, told by the settings."""

import click

from outreach.demo_door import PATH, clock_token
from outreach.errors import SettingsError
from outreach.logs import configure_logs
from outreach.settings import load_settings


@click.command()
def sandbox() -> None:
    """Run a local Twilio with phones on a web page. For the demo and for tests; it sends nothing to anybody."""
    from outreach.sandbox.config import Keywords, SandboxConfig  # noqa: PLC0415 - only this command needs the sandbox
    from outreach.sandbox.server import serve  # noqa: PLC0415

    settings = load_settings()
    if settings.real_twilio:
        raise SettingsError("TWILIO_ACCOUNT_SID: with a real account there is no sandbox. Unset it to try things out")
    configure_logs()
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    config = SandboxConfig(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        senders=settings.twilio_phone_numbers,
        inbound_url=f"{settings.public_url}/twilio/message#rc=3&rp=ct,rt,5xx",
        store=settings.var_dir / "sandbox.sqlite",
        keywords=Keywords(settings.twilio_keywords),
        timezone=settings.org_timezone,
        clock_url=f"{settings.public_url}{PATH}",
        clock_token=clock_token(settings),
    )
    serve(config, settings.host, settings.sandbox_port)
