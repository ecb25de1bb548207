"""``wenming import units|regions|users|quotas FILE``: a file of the office into the registry, whole or not at all."""

import json
from pathlib import Path

import click

from webapp.config import load_settings
from webapp.host.command_session import command_session
from webapp.imports.operations import KINDS, Upload, check_file, import_file
from webapp.imports.quotas import QuotaReport
from webapp.imports.reading import UnreadableFileError
from webapp.imports.report import Report

_STATUS = {"accepted": "接受", "flagged": "提醒", "refused": "拒绝"}


@click.command("import")
@click.argument("kind", type=click.Choice(tuple(KINDS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="only say what would happen")
@click.option("--as", "quota_kind", type=click.Choice(("target", "cap")), help="quotas: 指标 or 名额, else as titled")
@click.option("--period", help="quotas: the period, else as titled")
@click.option("--json", "as_json", is_flag=True, help="the report as JSON on standard output")
def import_command(
    kind: str, file: Path, dry_run: bool, quota_kind: str | None, period: str | None, as_json: bool
) -> None:
    """Import units, regions, users or quotas from a CSV or XLSX file 导入单位、地区、账号、名额."""
    upload = Upload(kind, file.name, file.read_bytes(), with_passwords=True, quota_kind=quota_kind, period=period)
    try:
        with command_session(load_settings()) as session:
            report = (check_file if dry_run else import_file)(session, None, upload)
    except UnreadableFileError as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1) if as_json else _words(kind, report))
    if not report.is_clean and not dry_run:
        refused = report.count("refused")
        raise click.ClickException(f"有 {refused} 行被拒绝，整个文件没有导入。请改正后重试。")


def _words(kind: str, report: Report) -> str:
    lines = [f"提示：{note}" for note in report.notes]
    for item in report.items:
        lines += [f"第 {item.row} 行 {_STATUS[item.status]} [{r.field}] {r.message}" for r in item.reasons]
    counts = "，".join(f"{word} {report.count(status)}" for status, word in _STATUS.items())
    done = f"已导入，变更 {report.changes} 项" if report.applied else f"没有导入（可变更 {report.changes} 项）"
    lines.append(f"{KINDS[kind]}：共 {len(report.items)} 行，{counts}。{done}。")
    if isinstance(report, QuotaReport):
        lines += [found["message"] for found in report.differing()]
    if report.printed is not None and report.printed != len(report.items):
        lines.append(f"文件所印合计 {report.printed} 与实际 {len(report.items)} 行不符。")
    return "\n".join(lines)


COMMANDS = (import_command,)
