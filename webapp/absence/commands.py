"""``wenming hand-over``: everything of somebody who leaves goes to successors, with a list before and after."""

import json
from typing import Any

import click
from sqlalchemy.orm import Session

from webapp import clock
from webapp.absence.handing_over import Plan, get_leaver, run_hand_over, start_hand_over
from webapp.absence.inventory import HOW, KINDS, STATUSES
from webapp.absence.presenting import belongings_json, hand_over_json
from webapp.access import Actor
from webapp.acts.people import person_id
from webapp.host.command_session import AS_PERSON, acting_session

_MAY = "hand_over.act"
_ALL = 1_000_000
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="as JSON on standard output")


@click.group("hand-over")
def hand_over() -> None:
    """Hand-over of everything when somebody leaves 交接."""


@hand_over.command("list")
@click.argument("person")
@AS_PERSON
@_AS_JSON
def list_(person: str, username: str, as_json: bool) -> None:
    """List what PERSON has 列出待交接的内容."""
    with acting_session(username, _MAY) as (session, actor):
        leaver = get_leaver(session, actor, person_id(session, person))
        found = belongings_json(session, leaver, clock.now(), 1, _ALL)
    _say(found, [*found["items"], *found["others"]], as_json=as_json)


@hand_over.command("start")
@click.argument("person")
@click.option("--to", required=True, help="username of the successor")
@click.option("--process", "others", multiple=True, metavar="PROCESS=USERNAME", help="another successor for a process")
@click.option("--reason", default="", help="why, for the timeline")
@click.option("--give-roles", is_flag=True, help="the successor gets the roles as well")
@click.option("--keep-account", is_flag=True, help="do not close the account afterwards")
@AS_PERSON
@_AS_JSON
def start(
    person: str, to: str, others: tuple[str, ...], reason: str, give_roles: bool, keep_account: bool, username: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Hand everything of PERSON over, and say what became of each thing 办理交接."""
    with acting_session(username, _MAY) as (session, actor):
        plan = Plan(
            to=person_id(session, to),
            successors=_successors(session, others),
            reason=reason,
            gives_roles=give_roles,
            disables=not keep_account,
        )
        number = start_hand_over(session, actor, clock.now(), person_id(session, person), plan).id
    with acting_session(username, _MAY) as (session, actor):
        run_hand_over(number)  # here and now: whoever types this waits for the result, and a worker finds nothing left
        found = _read(session, actor, number)
    _say(found, found["items"], as_json=as_json)


@hand_over.command("show")
@click.argument("number", type=int)
@AS_PERSON
@_AS_JSON
def show(number: int, username: str, as_json: bool) -> None:
    """Show what became of each thing of a hand-over 查看交接结果."""
    with acting_session(username, _MAY) as (session, actor):
        found = _read(session, actor, number)
    _say(found, found["items"], as_json=as_json)


def _successors(session: Session, others: tuple[str, ...]) -> dict[str, int]:
    pairs = [one.partition("=") for one in others]
    if wrong := [f"{process}{sign}{name}" for process, sign, name in pairs if not (process and name)]:
        raise click.ClickException(f"--process 须写成 流程=用户名，而不是“{wrong[0]}”。")
    return {process: person_id(session, name) for process, _sign, name in pairs}


def _read(session: Session, actor: Actor, number: int) -> dict[str, Any]:
    found = hand_over_json(session, number, 1, _ALL)
    get_leaver(session, actor, found["from"])
    return found


def _say(found: dict[str, Any], things: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    if "id" in found:
        results = "，".join(f"{STATUSES[status][0]} {count} 项" for status, count in found["counts"].items())
        click.echo(f"交接 {found['id']}：{results or '没有需要交接的内容'}")
    for one in things:
        status = f"{STATUSES[one['status']][0]}\t" if "status" in one else ""
        why = f"\t{one['reason']}" if one.get("reason") else ""
        click.echo(f"{status}{KINDS[one['kind']]}\t{one['title']}\t{HOW[one['before']]}{why}")


COMMANDS = (hand_over,)
