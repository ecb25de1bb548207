"""What workers do of the imports that are too large for a request. A job that runs again finds nothing left to do."""

import logging
from collections.abc import Callable

from webapp.background.registry import periodic, task
from webapp.imports import runs

_log = logging.getLogger(__name__)
_FAILED = "导入时遇到意外情况，没有导入任何内容。请重试；若再次出现，请告知管理员。"


@task("imports.check", attempts=1)
def check(run_id: int) -> None:
    """Make the dry run of a large file."""
    _do(run_id, runs.check_run)


@task("imports.import", attempts=1)
def import_(run_id: int) -> None:
    """Import a large file that a person has confirmed."""
    _do(run_id, runs.import_run)


@periodic("imports.sweep", cron="40 4 * * *")
def sweep() -> None:
    """Forget files that nobody has said yes to for a week."""
    runs.give_up_old_runs()


def _do(run_id: int, work: Callable[..., None]) -> None:
    try:
        runs.run_as_job(run_id, work)
    except Exception:
        _log.exception("import %s failed", run_id)
        runs.fail_run(run_id, _FAILED)
        raise
