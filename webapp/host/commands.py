"""The commands that start, save and examine an installation."""

import json
import sys
from pathlib import Path

import click

from webapp.config import load_settings
from webapp.host import doctor as examination
from webapp.host import process
from webapp.host.application import run_application
from webapp.host.backup import create_backup
from webapp.host.preparation import prepare
from webapp.host.restore import restore_backup
from webapp.host.server import reach_database
from webapp.host.welcome import tell_administrator


@click.command("run")
def run() -> None:
    """Start everything, under one supervisor 启动全部服务."""
    run_application(load_settings())


@click.command("web")
@click.option("--bind", help="HOST:PORT instead of the settings")
def web(bind: str | None) -> None:
    """Serve pages and API as one process of several 仅网页服务."""
    process.serve_web(bind)


@click.command("worker")
def worker() -> None:
    """Do the queued background work 后台任务."""
    process.work()


@click.command("scheduler")
def scheduler() -> None:
    """Decide when background work is due 定时调度."""
    process.schedule()


@click.group("migrate", invoke_without_command=True)
@click.pass_context
def migrate(context: click.Context) -> None:
    """Bring the database up to this version without starting; with a command: move cases 升级数据库结构，迁移办件."""
    if context.invoked_subcommand is not None:
        return
    settings = load_settings()
    with reach_database(settings) as (url, _):
        tell_administrator(prepare(settings, url))


_FILE = click.Path(path_type=Path, dir_okay=False)
_MARKS = {examination.OK: "  ", examination.WARNING: "! ", examination.ERROR: "X "}


@click.command("backup")
@click.argument("file", type=_FILE)
def backup(file: Path) -> None:
    """Save database, attachments and keys into FILE while the application runs 备份."""
    settings = load_settings()
    with reach_database(settings) as (url, _):
        written = create_backup(settings, url, file)
    click.echo(f"{written.path}  {written.size} 字节 / bytes  sha256 {written.sha256}")


@click.command("restore")
@click.argument("file", type=_FILE)
def restore(file: Path) -> None:
    """Replace everything in this installation by what FILE holds 恢复备份."""
    manifest = restore_backup(load_settings(), file)
    click.echo(f"已恢复 {manifest['created_at']} 的备份 / restored")


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="as JSON on standard output")
def doctor(as_json: bool) -> None:
    """Say what needs attention 检查运行状况."""
    findings = examination.examine(load_settings())
    if as_json:
        click.echo(json.dumps(examination.as_report(findings), ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            click.echo(f"{_MARKS[finding.status]}{finding.message}")
    errors = [finding.message for finding in findings if finding.status == examination.ERROR]
    if errors:
        click.echo(f"需要处理 / needs attention: {'；'.join(errors)}", err=True)
        sys.exit(1)


COMMANDS = (run, web, worker, scheduler, migrate, backup, restore, doctor)
