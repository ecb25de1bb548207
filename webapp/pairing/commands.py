"""``wenming pairing``: programmes, proposals, matching, boards. Writing is done in the name of a person (``--as``)."""

import json
from typing import Any

import click

from webapp import clock
from webapp.host.command_session import AS_PERSON, acting_session
from webapp.pairing import (
    boards,
    confirming,
    documents,
    parties,
    presenting,
    programme_queries,
    proposing,
    queries,
)
from webapp.pairing.rules import KINDS
from webapp.pairing.work import read_work

_JSON = click.option("--json", "as_json", is_flag=True, help="as JSON on standard output")


def _say(found: Any, lines: list[str], *, as_json: bool) -> None:
    click.echo(json.dumps(found, ensure_ascii=False, indent=1) if as_json else "\n".join(lines))


@click.group("pairing")
def pairing() -> None:
    """Pairing assistance 结对帮创."""


@pairing.command("programmes")
@AS_PERSON
@_JSON
def list_programmes(username: str, as_json: bool) -> None:
    """List programmes 列出方案."""
    with acting_session(username, "pairings.supervise") as (session, actor):
        rows = programme_queries.list_programmes(session, actor)
        found = [presenting.programme_json(row.Programme) | {"named": row.named, "live": row.live} for row in rows]
    lines = [f"{p['id']:>4}  {p['data']['title']}  被帮单位 {p['named']}，已结对 {p['live']}" for p in found]
    _say(found, lines, as_json=as_json)


@pairing.command("list")
@click.option("--programme", type=int, help="number of a programme")
@click.option("--status", default="", help="proposed, confirmed, active, ended, dropped or live")
@click.option("--silent", is_flag=True, help="only those that have logged nothing for long")
@AS_PERSON
@_JSON
def list_pairs(programme: int | None, status: str, silent: bool, username: str, as_json: bool) -> None:
    """List pairs 列出结对."""
    wanted = {"programme": str(programme or ""), "status": status, "silent": "1" if silent else ""}
    with acting_session(username, "pairings.read") as (session, actor):
        query = queries.pairing_query(session, actor, queries.filter_of(wanted), clock.today())
        found = [presenting.pairing_json(row) for row in session.execute(query.limit(presenting.MOST))]
    _say(found, [_line(one) for one in found], as_json=as_json)


def _line(one: dict[str, Any]) -> str:
    state = queries.STATUS_WORDS[one["status"]]
    return f"{one['id']:>5}  {one['helper']['name']} 帮 {one['helped']['name']}  {state}  得分 {one['score']}"


@pairing.command("show")
@click.argument("number", type=int)
@AS_PERSON
def show(number: int, username: str) -> None:
    """Show one pair as JSON 查看一对."""
    with acting_session(username, "pairings.read") as (session, actor):
        row = queries.get_row(session, actor, number, clock.today())
        work = read_work(session, actor, row.Pairing, clock.today())
        found = presenting.pairing_json(row) | presenting.work_json(work)
    _say(found, [], as_json=True)


@pairing.command("board")
@click.option("--region", default="", help="code of a region; the person's own otherwise")
@AS_PERSON
@_JSON
def board(region: str, username: str, as_json: bool) -> None:
    """Say how the pairs of a region stand 看板."""
    with acting_session(username, "pairings.supervise") as (session, actor):
        place = boards.region_in_reach(session, actor, region)
        found = presenting.board_json(place, boards.board(session, place.path, clock.today()))
    lines = [
        f"{p['name']}：实施中 {p['active']}，久未记录 {p['silent']}，达到目标 {p['reached']}" for p in found["places"]
    ]
    lines += [f"{one['name']}应帮未帮：{one['helpers']}" for one in found["without_partner"]]
    _say(found, lines, as_json=as_json)


@pairing.command("helpers")
@click.option("--kind", type=click.Choice(tuple(KINDS)), default="assist")
@AS_PERSON
@_JSON
def helpers(kind: str, username: str, as_json: bool) -> None:
    """List who owes a pair and has none 应帮未帮."""
    with acting_session(username, "pairings.supervise") as (session, actor):
        found = [presenting.party_json(p) for p in parties.list_free_helpers(session, KINDS[kind], actor.region_path)]
    _say(found, [f"{one['id']:>5}  {one['name']}" for one in found], as_json=as_json)


@pairing.command("match")
@click.argument("programme", type=int)
@AS_PERSON
@_JSON
def match(programme: int, username: str, as_json: bool) -> None:
    """Let a worker compute the best assignment 计算匹配."""
    with acting_session(username, "pairings.manage") as (session, actor):
        run = proposing.ask_for_matching(session, actor, clock.now(), programme)
        found = presenting.matching_json(run)
    _say(found, [f"已交后台计算，编号 {found['id']}。"], as_json=as_json)


@pairing.command("propose")
@click.argument("programme", type=int)
@click.argument("helper", type=int)
@click.argument("helped", type=int)
@AS_PERSON
@_JSON
def propose(programme: int, helper: int, helped: int, username: str, as_json: bool) -> None:
    """Put two together by hand 提出建议."""
    with acting_session(username, "pairings.manage") as (session, actor):
        made = proposing.propose(session, actor, clock.now(), programme, helper, helped)
        found = presenting.pairing_json(queries.get_row(session, actor, made.id, clock.today()))
    _say(found, [_line(found)], as_json=as_json)


@pairing.command("confirm")
@click.argument("number", type=int)
@click.option("--reason", default="", help="why one side gets a second pair")
@AS_PERSON
@_JSON
def confirm(number: int, reason: str, username: str, as_json: bool) -> None:
    """Confirm a proposal 确认结对."""
    with acting_session(username, "pairings.manage") as (session, actor):
        made = confirming.confirm(session, actor, clock.now(), number, reason)
        found = presenting.pairing_json(queries.get_row(session, actor, made.id, clock.today()))
    _say(found, [_line(found)], as_json=as_json)


@pairing.command("report")
@click.argument("programme", type=int)
@click.argument("file", type=click.Path(dir_okay=False, writable=True))
@AS_PERSON
def report(programme: int, file: str, username: str) -> None:
    """Write the list to the province as DOCX 导出名单."""
    with acting_session(username, "pairings.supervise") as (session, actor):
        found = programme_queries.get_programme(session, actor, programme)
        content = documents.list_document(session, found, clock.today())
    with open(file, "wb") as target:
        target.write(content)
    click.echo(f"已写入 {file}。")


COMMANDS = (pairing,)
