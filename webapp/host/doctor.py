"""What a person who keeps an installation should know today: one line per question, worst last to be missed."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp.config import ConfigurationError, Settings
from webapp.host.heartbeats import BACKGROUND, STALE_SECONDS, list_ages
from webapp.host.locks import FileLock
from webapp.host.migrate import current_revision, is_known, newest_revision
from webapp.host.server import reach_database

OK, WARNING, ERROR = "ok", "warning", "error"
_LEAST_DISK = 200 * 1024**2
_LITTLE_DISK = 2 * 1024**3
_BACKUP_AGE = timedelta(days=2)


@dataclass(frozen=True)
class Finding:
    """The answer to one question; ``status`` is ok, warning or error."""

    name: str
    status: str
    message: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def examine(settings: Settings) -> list[Finding]:
    """Examine the installation, running or stopped; never raises for what it is there to find."""
    if settings.database_url is None and not (settings.data / "postgres").exists():
        return [Finding("installation", WARNING, f"{settings.data} 里还没有数据，请先启动：make run")]
    findings = [*_folders(settings), *_disk(settings)]
    running = _is_running(settings)
    findings.append(Finding("application", OK, "程序正在运行" if running else "程序没有运行"))
    try:
        with reach_database(settings) as (url, _):
            findings += _database(url, running)
    except (ConfigurationError, SQLAlchemyError) as error:
        findings.append(Finding("database", ERROR, f"数据库无法使用：{str(error).splitlines()[0]}"))
    return findings


def _folders(settings: Settings) -> Iterator[Finding]:
    for folder in (settings.data, settings.attachments, settings.keys):
        there = folder if folder.exists() else settings.data
        writable = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
        yield Finding(
            f"folder:{folder.name}", OK if writable else ERROR, f"{folder} {'可写' if writable else '不可写'}"
        )


def _disk(settings: Settings) -> Iterator[Finding]:
    if settings.data.exists():
        free = shutil.disk_usage(settings.data).free
        status = ERROR if free < _LEAST_DISK else WARNING if free < _LITTLE_DISK else OK
        yield Finding("disk", status, f"数据目录所在磁盘剩余 {free / 1024**3:.1f} GB")


def _is_running(settings: Settings) -> bool:
    if not settings.data.is_dir() or not os.access(settings.data, os.W_OK):
        return False
    with FileLock(settings.data / "run.lock") as lock:
        return not lock.take()


def _database(url: str, running: bool) -> list[Finding]:
    engine = create_engine(url, connect_args={"connect_timeout": 10})
    try:
        with engine.connect() as connection:
            version = connection.scalar(text("SHOW server_version"))
            findings = [Finding("database", OK, f"数据库可用（PostgreSQL {version}）"), _schema(connection)]
            if findings[-1].status == OK:
                questions: tuple[Callable[[Connection], Finding], ...] = (_backup, _incidents, _failed_jobs, _calendar)
                findings += [ask(connection) for ask in questions]
                findings += _processes(connection) if running else []
            return findings
    finally:
        engine.dispose()


def _schema(connection: Connection) -> Finding:
    found = current_revision(connection)
    if found == newest_revision():
        return Finding("schema", OK, f"数据库结构是最新的（{found}）")
    if found is not None and not is_known(found):
        return Finding("schema", ERROR, f"数据库结构（{found}）比本程序（{newest_revision()}）新，请更新程序")
    return Finding("schema", WARNING, f"数据库结构（{found or '空'}）比本程序旧，下次启动时会升级")


def _backup(connection: Connection) -> Finding:
    row = connection.execute(
        text("SELECT taken_at, path, now() - taken_at AS age FROM backups ORDER BY taken_at DESC LIMIT 1")
    ).one_or_none()
    if row is None:
        return Finding("backup", WARNING, "还没有备份，请运行 wenming backup 文件名")
    old = row.age > _BACKUP_AGE
    message = f"上次备份在 {row.age / timedelta(days=1):.1f} 天前：{row.path}"
    return Finding("backup", WARNING if old else OK, message)


def _incidents(connection: Connection) -> Finding:
    number = connection.scalar(text("SELECT count(*) FROM incidents WHERE status = 'open'")) or 0
    return Finding("incidents", WARNING if number else OK, f"{number} 个流程异常等待处理" if number else "没有流程异常")


def _failed_jobs(connection: Connection) -> Finding:
    number = connection.scalar(
        text(
            "SELECT count(DISTINCT j.id) FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id "
            "WHERE j.status = 'failed' AND e.type = 'failed' AND e.at > now() - interval '2 days'"
        )
    )
    message = f"两天内有 {number} 个后台任务失败" if number else "两天内没有后台任务失败"
    return Finding("jobs", WARNING if number else OK, message)


def _calendar(connection: Connection) -> Finding:
    """Warn from 1 November of the business year that the next year's holidays are missing."""
    today, last = connection.execute(
        text(
            "SELECT CAST((now() + COALESCE((SELECT seconds FROM clock_offset), 0) * interval '1 second') "
            "AT TIME ZONE 'Asia/Shanghai' AS date), (SELECT max(year) FROM calendar_years)"
        )
    ).one()
    if last is None:
        return Finding("calendar", OK, "工作日历将在下次启动时建立")
    if last < today.year or (last == today.year and today.month >= 11):
        missing = max(last, today.year - 1) + 1
        message = f"{missing} 年的放假安排尚未导入，涉及该年的期限都是暂定的，请运行 wenming calendar import 文件名"
        return Finding("calendar", WARNING, message)
    return Finding("calendar", OK, f"放假安排已导入到 {last} 年")


def _processes(connection: Connection) -> list[Finding]:
    ages = list_ages(Session(connection))
    return [
        Finding(
            f"process:{name}",
            OK if ages.get(name, float("inf")) < STALE_SECONDS else ERROR,
            f"{name} 上次活动在 {ages[name]:.0f} 秒前" if name in ages else f"{name} 没有运行",
        )
        for name in BACKGROUND
    ]


def as_report(findings: list[Finding]) -> dict[str, Any]:
    """The findings as ``--json`` prints them."""
    return {"ok": all(f.status != ERROR for f in findings), "checks": [f.as_json() for f in findings]}
