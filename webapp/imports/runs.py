"""Imports in the browser: upload, dry run, a person's yes, then the whole file or nothing.

Small files are worked off at once, large ones by a worker; the row of the run is not locked meanwhile, so that
its progress can be written and read.
"""

import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from webapp import clock
from webapp.access import Actor
from webapp.accounts.queries import get_actor
from webapp.audit.operations import record
from webapp.background.deferral import defer
from webapp.database import transaction
from webapp.imports.models import ImportRun
from webapp.imports.operations import KINDS, Upload, check_file, import_file
from webapp.imports.reading import MAX_BYTES, UnreadableFileError
from webapp.imports.report import Progress, Report, nobody_waits
from webapp.problems import Conflict, NotFound, TooLarge, invalid

AT_ONCE = 64 * 1024
"""Files up to this size are worked off within the request."""

KEPT_FOR = timedelta(days=7)
_PROGRESS_SECONDS = 0.5


def start_run(session: Session, actor: Actor, kind: str, file_name: str, content: bytes) -> int:
    """Take a file in and check it; returns the run.

    Raises:
        Invalid: no file, or an unknown kind. TooLarge: more than an import may have.
    """
    if kind not in KINDS:
        raise invalid("kind", "choice", "请选择导入的内容。")
    if not content:
        raise invalid("file", "required", "请选择要导入的文件。")
    if len(content) > MAX_BYTES:
        raise TooLarge(f"导入文件最大 {MAX_BYTES // 1024 // 1024} MB，请拆分后再导入。")
    run = ImportRun(
        kind=kind,
        file_name=file_name[:200],
        content=content,
        status="checking",
        created_by=actor.user_id,
        created_at=clock.real_now(),
    )
    session.add(run)
    session.flush()
    _hand_over(session, run, "imports.check", check_run)
    return run.id


def confirm_run(session: Session, actor: Actor, run_id: int) -> None:
    """Import a checked file.

    Raises:
        NotFound: it is not the actor's. Conflict: it is not waiting for a yes, or rows are refused.
    """
    run = get_run(session, actor, run_id, lock=True)
    if run.status != "checked" or not run.report or run.report["refused"]:
        raise Conflict("这个文件现在不能导入：正在处理、已经导入，或有被拒绝的行。请看报告。")
    run.status, run.rows_done = "importing", 0
    session.flush()
    _hand_over(session, run, "imports.import", import_run)


def discard_run(session: Session, actor: Actor, run_id: int) -> None:
    """Give a checked file up; its content is removed."""
    run = get_run(session, actor, run_id, lock=True)
    if run.status != "checked":
        raise Conflict("这个文件正在处理或已经处理完，不能放弃。")
    run.status, run.content, run.finished_at, run.failure = "failed", None, clock.real_now(), "已放弃，没有导入。"
    session.flush()
    record(session, actor, "import.discard", subject=f"import:{run.id}")


def get_run(session: Session, actor: Actor, run_id: int, *, lock: bool = False) -> ImportRun:
    """An import of the actor's own, with its report.

    Raises:
        NotFound: it is somebody else's, or there is none.
    """
    query = select(ImportRun).where(ImportRun.id == run_id, ImportRun.created_by == actor.user_id)
    query = query.options(undefer(ImportRun.report))
    run = session.scalar(query.with_for_update() if lock else query)
    if run is None:
        raise NotFound
    return run


def list_runs(session: Session, actor: Actor, limit: int = 20) -> list[ImportRun]:
    """The actor's newest imports."""
    query = select(ImportRun).where(ImportRun.created_by == actor.user_id)
    return list(session.scalars(query.order_by(ImportRun.id.desc()).limit(limit)))


def _hand_over(session: Session, run: ImportRun, job: str, work: Callable[..., None]) -> None:
    if run.content is not None and len(run.content) <= AT_ONCE:
        work(session, run.id, nobody_waits)
    else:
        defer(session, job, {"run_id": run.id}, lock=f"import-{run.id}")


def check_run(session: Session, run_id: int, done: Progress) -> None:
    """The dry run of an uploaded file; a run in another state is left alone (the job ran before)."""
    _work(session, run_id, "checking", done)


def import_run(session: Session, run_id: int, done: Progress) -> None:
    """The import of a confirmed file, in one transaction with the end of its run."""
    _work(session, run_id, "importing", done)


def _work(session: Session, run_id: int, status: str, done: Progress) -> None:
    query = select(ImportRun).options(undefer(ImportRun.content)).where(ImportRun.id == run_id)
    run = session.scalar(query.execution_options(populate_existing=True))
    if run is None or run.status != status or run.content is None:
        return
    upload = Upload(run.kind, run.file_name, run.content, done=done)
    actor = get_actor(session, run.created_by)
    try:
        report = (check_file if status == "checking" else import_file)(session, actor, upload)
    except UnreadableFileError as error:
        _finish(session, run_id, status, "failed", failure=str(error))
        return
    _finish(session, run_id, status, "checked" if status == "checking" else _end(report), report)


def _end(report: Report) -> str:
    """Between the dry run and the yes the registry may have changed: then the new report asks again."""
    return "done" if report.applied else "checked"


def _finish(
    session: Session, run_id: int, before: str, after: str, report: Report | None = None, failure: str | None = None
) -> None:
    values: dict[str, object] = {"status": after, "failure": failure}
    if report is not None:
        values |= {"report": report.as_json(), "rows_done": len(report.items), "rows_total": len(report.items)}
    if after in {"done", "failed"}:
        values |= {"content": None, "finished_at": clock.real_now()}
    statement = update(ImportRun).where(ImportRun.id == run_id, ImportRun.status == before).values(**values)
    session.execute(statement.execution_options(synchronize_session="fetch"))


def run_as_job(run_id: int, work: Callable[..., None]) -> None:
    """Do the work of a run in a worker, writing its progress in transactions of its own."""
    with transaction() as session:
        work(session, run_id, _StoredProgress(run_id))


def fail_run(run_id: int, failure: str) -> None:
    """Say that the work could not be done, after the last attempt."""
    with transaction() as session:
        session.execute(
            update(ImportRun)
            .where(ImportRun.id == run_id, ImportRun.status.in_(("checking", "importing")))
            .values(status="failed", content=None, failure=failure, finished_at=clock.real_now())
        )


def give_up_old_runs() -> None:
    """Close the runs that have waited for a yes for longer than :data:`KEPT_FOR`, and remove their files."""
    with transaction() as session:
        session.execute(
            update(ImportRun)
            .where(ImportRun.status == "checked", ImportRun.created_at < clock.real_now() - KEPT_FOR)
            .values(status="failed", content=None, failure="超过七天没有确认，没有导入。", finished_at=clock.real_now())
        )


class _StoredProgress:
    """Writes how many rows are behind, at most twice a second."""

    def __init__(self, run_id: int) -> None:
        self._run_id = run_id
        self._written = float("-inf")

    def __call__(self, rows: int, total: int) -> None:
        if time.monotonic() - self._written < _PROGRESS_SECONDS:
            return
        with transaction() as session:
            session.execute(
                update(ImportRun).where(ImportRun.id == self._run_id).values(rows_done=rows, rows_total=total)
            )
        self._written = time.monotonic()
