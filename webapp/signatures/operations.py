"""Check the signature of a decision before the engine goes on, and bind it to the decision when that is written down.

Steps that ask for none cost no statement.
"""

from typing import Any

from flask import current_app
from sqlalchemy import insert

from webapp.attachments.models import Attachment
from webapp.attachments.operations import path_of
from webapp.instances.processes import Json
from webapp.instances.running import Run
from webapp.problems import invalid
from webapp.signatures.models import Signature
from webapp.signatures.rules import LARGEST, digest_of, fault_of
from webapp.tasks.models import Task


def check_signature(run: Run, task: Task, answers: Json) -> None:
    """Raise ``Invalid`` at the field of the signature unless it is a picture with strokes on it.

    Whether a signature must be there is for the form to say: the field may be required, optional or conditional.
    """
    field = run.published.signatures.get(task.element)
    file = _signed(run, answers, field) if field else None
    if field is None or file is None:
        return
    path = path_of(current_app.extensions["settings"], file.sha256)
    fault = fault_of(path.read_bytes()) if file.size <= LARGEST and path.exists() else fault_of(bytes(LARGEST + 1))
    if fault:
        raise invalid(field, "signature", fault)


def bind_signature(run: Run, task: Task, outcome: str | None, answers: Json) -> None:
    """Bind the signature to the decision; to be called when the decision has been stored."""
    field = run.published.signatures.get(task.element)
    file = _signed(run, answers, field) if field else None
    if file is None or run.actor is None:
        return
    values: dict[str, Any] = {
        "task_id": task.id,
        "instance_id": run.instance.id,
        "user_id": run.actor.user_id,
        "attachment_id": file.id,
        "picture_sha256": file.sha256,
        "decision_sha256": digest_of(task.id, run.actor.user_id, run.now, outcome, answers, file.sha256),
        "at": run.now,
    }
    run.session.execute(insert(Signature).values(values))


def _signed(run: Run, answers: Json, field: str) -> Attachment | None:
    """The file that the answers name as the signature; it was found usable when the answers were checked."""
    ids = answers.get(field)
    if not isinstance(ids, list) or not ids:
        return None
    return run.session.get(Attachment, int(ids[0]))
