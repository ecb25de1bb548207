"""``wenming nomination``: the calls, how far the counties are, the list to the province as a file."""

import json
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.config import load_settings
from webapp.exports import xlsx_bytes
from webapp.host.command_session import command_session
from webapp.nominations import documents, queries
from webapp.nominations.models import LIVE, NominationCall, NominationList, Nominee
from webapp.official_paper import paper_bytes
from webapp.registry.models import Region


@click.group("nomination")
def nomination() -> None:
    """Calls for nominations 培育对象征集."""


@nomination.command("list")
@click.option("--json", "as_json", is_flag=True, help="as JSON on standard output")
def list_(as_json: bool) -> None:
    """List the calls, newest first 列出征集."""
    with command_session(load_settings()) as session:
        calls = session.scalars(select(NominationCall).order_by(NominationCall.id.desc())).all()
        found = [_call(call) for call in calls]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for call in found:
        click.echo(f"{call['id']:>5} {call['due_on']} {call['status']:<10}{call['title']} {call['document_number']}")


@nomination.command("board")
@click.argument("call_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="as JSON on standard output")
def board(call_id: int, as_json: bool) -> None:
    """Show which county has submitted, how many and how late 报送情况."""
    with command_session(load_settings()) as session:
        call = _get(session, call_id)
        found = _call(call) | {"items": _lists(session, call)}
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for row in found["items"]:
        late = f"，迟报 {row['late_days']} 天" if row["late_days"] else ""
        click.echo(f"{row['county_name']}\t{row['status']}\t{row['nominees']} 个{late}")


@nomination.command("export")
@click.argument("call_id", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(call_id: int, file: Path) -> None:
    """Write the list to the province as FILE, .docx or .xlsx 导出名单."""
    if file.suffix not in {".docx", ".xlsx"}:
        raise click.ClickException("文件名须以 .docx 或 .xlsx 结尾。")
    with command_session(load_settings()) as session:
        call = _get(session, call_id)
        rows = documents.listed(queries.whole_ranking(session, call.id))
        if file.suffix == ".docx":
            content = paper_bytes(documents.paper(session, call, rows, clock.today()))
        else:
            content = xlsx_bytes(documents.HEADER, documents.cells(rows))
    file.write_bytes(content)
    click.echo(f"已导出 {len(rows)} 个培育对象。")


def _get(session: Session, call_id: int) -> NominationCall:
    call = session.get(NominationCall, call_id)
    if call is None:
        raise click.ClickException(f"没有编号为 {call_id} 的征集；编号见 wenming nomination list。")
    return call


def _call(call: NominationCall) -> dict[str, Any]:
    return {
        "id": call.id,
        "instance": call.instance_id,
        "title": call.title,
        "document_number": call.document_number,
        "region": call.region_code,
        "due_on": call.due_on.isoformat(),
        "status": call.status,
        "report_number": call.report_number,
    }


def _lists(session: Session, call: NominationCall) -> list[dict[str, Any]]:
    live = session.scalars(
        select(Nominee.county_code).where(Nominee.call_id == call.id, Nominee.status.in_(LIVE))
    ).all()
    query = (
        select(NominationList, Region.name)
        .join(Region, Region.code == NominationList.county_code)
        .where(NominationList.call_id == call.id)
        .order_by(Region.code)
    )
    return [
        {
            "county": found.county_code,
            "county_name": name,
            "status": found.status,
            "late_days": found.late_days,
            "nominees": live.count(found.county_code),
        }
        for found, name in session.execute(query)
    ]


COMMANDS = (nomination,)
