"""``wenming audit verify``: does the audit log still say what was written?"""

import json
import sys
from collections.abc import Sequence

import click
from sqlalchemy.orm import Session

from webapp.audit.anchors import Anchor, read_anchors
from webapp.audit.verification import WORDS, Verification
from webapp.audit.verification import verify as verify_chain
from webapp.config import load_settings
from webapp.host.command_session import command_session


@click.group("audit")
def audit() -> None:
    """The audit log 审计日志."""


@audit.command("verify")
@click.option("--json", "as_json", is_flag=True, help="the report as JSON on standard output")
def verify(as_json: bool) -> None:
    """Say where the chain breaks and what is not sealed yet 校验审计日志."""
    settings = load_settings()
    with command_session(settings) as session:
        found = _verify_at_one_moment(session, read_anchors(settings))
    click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1) if as_json else _words(found))
    if not found.is_whole:
        first = found.breaks[0]
        click.echo(f"审计日志不完整：第 {first.position} 环{WORDS[first.kind]} / the audit log is broken", err=True)
        sys.exit(1)


def _verify_at_one_moment(session: Session, anchors: Sequence[Anchor]) -> Verification:
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return verify_chain(session, anchors)


def _words(found: Verification) -> str:
    lines = [f"已封存 {found.sealed} 条，尚未封存 {found.unsealed} 条。"]
    for broken in found.breaks:
        entry = f"（记录 {broken.entry_id}）" if broken.entry_id else ""
        lines.append(f"第 {broken.position} 环{entry}：{WORDS[broken.kind]}")
    lines.append("链条完整。" if found.is_whole else "链条不完整。")
    return "\n".join(lines)


COMMANDS = (audit,)
