"""The command line ``wenming``: each area brings its commands, this module only gathers them."""

import sys
from importlib import import_module

import click

from webapp.config import ConfigurationError

COMMAND_AREAS = (
    "host",
    "imports",
    "demo",
    "administration",
    "audit",
    "mail",
    "deadlines",
    "reminders",
    "quotas",
    "nominations",
    "pairing",
    "trials",
    "migration",
    "absence",
)


@click.group()
def main_group() -> None:
    """Wenming 文明创建流程平台."""


def _gather() -> None:
    for area in COMMAND_AREAS:
        name = f"webapp.{area}.commands"
        try:
            module = import_module(name)
        except ModuleNotFoundError as error:
            if error.name not in {name, f"webapp.{area}"}:
                raise
            continue
        for command in module.COMMANDS:
            main_group.add_command(command)


def main() -> None:
    """Run a command; a known failure is one line on standard error and exit code 1."""
    try:
        _gather()
        main_group(standalone_mode=False)
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except (ConfigurationError, click.ClickException, OSError) as error:
        click.echo(_words_of(error), err=True)
        sys.exit(1)


def _words_of(error: Exception) -> str:
    """One line; of the faults of the system only a file out of reach is something that a person mends."""
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, OSError):
        if error.filename is None:
            raise error
        return f"无法读写 {error.filename}：{error.strerror} / {error.filename} cannot be read or written"
    return str(error)
