"""``wenming mail``: take in the reports of mail servers, as an alias of the mail server pipes them."""

from typing import BinaryIO

import click

from webapp import clock
from webapp.config import load_settings
from webapp.host.command_session import command_session
from webapp.mail.bounce_report import MOST_BYTES
from webapp.mail.bouncing import note_bounce
from webapp.problems import Invalid


@click.group("mail")
def mail() -> None:
    """Mail 邮件."""


@mail.command("bounce")
@click.argument("file", type=click.File("rb"), default="-")
def bounce(file: BinaryIO) -> None:
    """Mark the message that came back, by one report on standard input or in FILE 登记退信."""
    raw = file.read(MOST_BYTES + 1)
    try:
        with command_session(load_settings()) as session:
            words = note_bounce(session, None, clock.now(), raw).words
    except Invalid as problem:
        raise click.ClickException(problem.errors[0].message) from None
    click.echo(words)


COMMANDS = (mail,)
