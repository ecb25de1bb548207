"""``wenming demo …``: who can log in to the demonstration, and running cases to try things on."""

import json

import click

from webapp import create_app
from webapp.config import load_settings
from webapp.database import db, transaction
from webapp.demo import demo_accounts
from webapp.demo.cases import NoDemonstrationError, add_cases
from webapp.host.embedded import open_database

_MOST_CASES = 1000


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


@demo.command("cases")
@click.argument("count", type=click.IntRange(1, _MOST_CASES))
def cases(count: int) -> None:
    """Add COUNT declarations that stand at various steps 增加办理中的演示办件."""
    settings = load_settings()
    with open_database(settings) as url, create_app(settings, url).app_context():
        try:
            made = add_cases(settings, count)
        except NoDemonstrationError as error:
            raise click.ClickException(str(error)) from None
        finally:
            db.engine.dispose()
    click.echo(f"已增加 {made} 件。" + ("" if made == count else "演示单位可申报的荣誉都已申报，不能再增加。"))


COMMANDS = (demo,)
