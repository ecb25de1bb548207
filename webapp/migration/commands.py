"""``wenming migrate …`` with a word behind it: running cases to another version, in the name of a person (``--as``).

Alone, ``wenming migrate`` brings the database up to date; what moves cases hangs below it.
"""

import json
from collections.abc import Callable
from typing import Any

import click
from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.host.command_session import AS_PERSON, acting_session
from webapp.host.commands import migrate
from webapp.migration import operations, queries
from webapp.migration.models import CaseMigration
from webapp.migration.rules import OUTCOMES, STATUSES, VERDICTS
from webapp.problems import Invalid

_JSON = click.option("--json", "as_json", is_flag=True, help="as JSON on standard output")
_NUMBER = click.argument("number", type=int)
_MAP = click.option("--map", "mapping", multiple=True, metavar="OLD=NEW", help="what an element corresponds to")
_MANAGE = "migrations.manage"


@migrate.command("cases")
@click.argument("process")
@click.option("--from", "old", type=int, required=True, help="number of the version on which they run")
@click.option("--to", "new", type=int, required=True, help="number of the version to which they go")
@click.option("--step", default="", help="only those that stand at this element")
@click.option("--region", default="", help="only those of this region and below it")
@click.option("--batch", type=int, help="only those of this batch")
@click.option("--number", "numbers", multiple=True, help="these cases alone")
@_MAP
@AS_PERSON
@_JSON
def cases(
    process: str, old: int, new: int, mapping: tuple[str, ...], username: str, as_json: bool, **chosen: Any
) -> None:
    """Choose running cases and examine whether they can be moved 选择办件并检查."""
    selection = chosen | {"numbers": " ".join(chosen["numbers"])}
    with acting_session(username, _MANAGE) as (session, actor):
        made = _refused_in_words(
            lambda: operations.propose(session, actor, clock.now(), process, (old, new), selection, _pairs(mapping))
        )
        found = _report(session, made)
    _say(found, as_json=as_json)


def _pairs(mapping: tuple[str, ...]) -> dict[str, str]:
    wrong = [pair for pair in mapping if "=" not in pair]
    if wrong:
        raise click.ClickException(f"对应关系写作 旧环节=新环节，而不是“{wrong[0]}”。")
    return dict(tuple(pair.split("=", 1)) for pair in mapping)  # type: ignore[misc]


def _refused_in_words(act: Callable[[], CaseMigration]) -> CaseMigration:
    try:
        return act()
    except Invalid as problem:
        raise click.ClickException("\n".join(error.message for error in problem.errors)) from None


def _report(session: Session, migration: CaseMigration) -> dict[str, Any]:
    reasons = queries.reasons_of(session, migration.id)
    return {
        "id": migration.id,
        "status": migration.status,
        "counts": queries.counts_of(session, migration.id),
        "reasons": [{"kind": row.kind, "message": row.message, "cases": row.cases} for row in reasons],
    }


def _say(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    counts, words = found["counts"], VERDICTS | OUTCOMES
    click.echo(f"迁移 {found['id']}：{STATUSES[found['status']]}，共 {counts['all']} 件")
    for key, word in words.items():
        if counts.get(key):
            click.echo(f"  {word} {counts[key]}")
    for reason in found["reasons"]:
        click.echo(f"  - {reason['message']}（{reason['cases']}）")


@migrate.command("show")
@_NUMBER
@AS_PERSON
@_JSON
def show(number: int, username: str, as_json: bool) -> None:
    """How far a migration is, and why cases stay 查看迁移."""
    with acting_session(username, "migrations.read") as (session, _actor):
        found = _report(session, queries.get_migration(session, number))
    _say(found, as_json=as_json)


@migrate.command("map")
@_NUMBER
@_MAP
@AS_PERSON
def map_(number: int, mapping: tuple[str, ...], username: str) -> None:
    """Say what corresponds to what, and examine again 指明对应环节."""
    _do(username, lambda s, a: operations.map_steps(s, a, clock.now(), number, _pairs(mapping)))


@migrate.command("start")
@_NUMBER
@click.option("--reason", required=True, help="stands in the timeline of every case")
@AS_PERSON
def start(number: int, reason: str, username: str) -> None:
    """Let a worker move every case that can be moved 开始迁移."""
    _do(username, lambda s, a: operations.start(s, a, clock.now(), number, reason))


@migrate.command("check")
@_NUMBER
@AS_PERSON
def check(number: int, username: str) -> None:
    """Examine again what was not moved 再检查一次."""
    _do(username, lambda s, a: operations.look_again(s, a, clock.now(), number))


@migrate.command("suspend")
@_NUMBER
@AS_PERSON
def suspend(number: int, username: str) -> None:
    """Stop after the cases at hand 暂停."""
    _do(username, lambda s, a: operations.suspend(s, a, number))


@migrate.command("resume")
@_NUMBER
@AS_PERSON
def resume(number: int, username: str) -> None:
    """Go on 继续."""
    _do(username, lambda s, a: operations.resume(s, a, number))


@migrate.command("cancel")
@_NUMBER
@AS_PERSON
def cancel(number: int, username: str) -> None:
    """Move no further case 取消."""
    _do(username, lambda s, a: operations.cancel(s, a, clock.now(), number))


@migrate.command("undo")
@_NUMBER
@AS_PERSON
def undo(number: int, username: str) -> None:
    """Put back every case on which nothing was done since 迁回原版本."""
    _do(username, lambda s, a: operations.undo(s, a, number))


def _do(username: str, act: Callable[[Session, Actor], CaseMigration]) -> None:
    with acting_session(username, _MANAGE) as (session, actor):
        found = _report(session, _refused_in_words(lambda: act(session, actor)))
    _say(found, as_json=False)


COMMANDS = ()
"""They hang below ``migrate``."""
