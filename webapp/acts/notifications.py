"""What people are told about acts: that something was handed to them, that they were named, that they get a copy."""

from collections.abc import Sequence
from typing import Any

from webapp.absence.standing_in import list_standing_in
from webapp.instances.running import Run
from webapp.mail.operations import Recipients, enqueue
from webapp.tasks.models import Task


def tell_handed(run: Run, task: Task, to: int, act: str, words: str) -> None:
    """Tell a person, and who stands in for them, that a task is theirs now, or that they are asked about it.

    Args:
        act: ``transfer``, ``delegate``, ``before``, ``after``, ``co_sign``, ``opinion`` or ``hand_over``.
    """
    away = [row.deputy_id for row in list_standing_in(run.session, [to]) if row.process in {"*", task.process}]
    _tell(run, task, "handed", [to, *away], {"act": act, "words": words})


def tell_taken(run: Run, task: Task, before: Sequence[int | None], to: int, name: str, words: str) -> None:
    """Tell those who had a task, and did not hand it on themselves, that it is with somebody else now.

    Args:
        before: who had it, or in whose name it was done.
        to: who has it now, called ``name``.
    """
    losers = [person for person in dict.fromkeys(before) if person not in {None, to, run.actor_id}]
    _tell(run, task, "taken", [person for person in losers if person], {"act": "transfer", "to": name, "words": words})


def tell_mentioned(run: Run, task: Task, people: Sequence[int], words: str) -> None:
    """Tell people that a comment names them."""
    _tell(run, task, "mentioned", people, {"words": words})


def tell_copied(run: Run, task: Task, people: Sequence[int], words: str) -> None:
    """Tell people of a copy."""
    _tell(run, task, "copied", people, {"words": words})


def _tell(run: Run, task: Task, kind: str, people: Sequence[int], facts: dict[str, Any]) -> None:
    if people:
        by = f"{run.actor.organisation_name} {run.actor.name}" if run.actor else None
        to = Recipients(people=people)
        enqueue(run.session, kind, to, facts | {"by": by}, instance_id=run.instance.id, task_id=task.id)
