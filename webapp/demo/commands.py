"""``wenming demo accounts``: who can log in to the demonstration, and how."""

import json

import click

from webapp import create_app
from webapp.config import load_settings
from webapp.database import transaction
from webapp.demo import demo_accounts
from webapp.host.embedded import open_database


@click.group("demo")
def demo() -> None:
    """Demonstration data 演示数据."""


@demo.command("accounts")
@click.option("--json", "as_json", is_flag=True, help="as JSON on standard output")
def accounts(as_json: bool) -> None:
    """List the demo accounts with their passwords 演示账号."""
    settings = load_settings()
    with open_database(settings) as url, create_app(settings, url).app_context(), transaction() as session:
        found = demo_accounts(session, settings)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for account in found:
        roles = ",".join(account["role"])
        click.echo(f"{account['username']:<24}{account['password']:<16}{roles:<24}{account['organisation']}")


COMMANDS = (demo,)
