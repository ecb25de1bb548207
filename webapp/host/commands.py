"""The commands that start, save and examine an installation."""

import click

from webapp.config import load_settings
from webapp.host import process
from webapp.host.application import prepare, run_application
from webapp.host.embedded import open_database


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


@click.command("migrate")
def migrate() -> None:
    """Bring the database up to this version without starting 升级数据库结构."""
    settings = load_settings()
    with open_database(settings) as url:
        prepare(settings, url)


COMMANDS = (run, web, worker, scheduler, migrate)
