"""Carry a declaration to its end with whatever its forms take first: everybody agrees."""

from collections.abc import Callable
from typing import Any

from tests.factories.api_client import Case, Person, full_scores

Complete = Callable[[Person, dict[str, Any], dict[str, Any]], None]
_MOST_STEPS = 60


def _complete(person: Person, task: dict[str, Any], chosen: dict[str, Any]) -> None:
    person.complete(task, **chosen)


def carry_to_the_end(case: Case, complete: Complete = _complete) -> None:
    """Do one open step after the other; where nobody has to act, time passes.

    Args:
        complete: what completes a task, given the person, the task and the answers that matter.
    """
    for _ in range(_MOST_STEPS):
        steps = case.open_steps()
        if steps:
            person, task = case.who(steps[0])
            complete(person, task, _chosen(task))
        elif case.read()["status"] == "running":
            case.office.pass_time(days=30)
        else:
            return
    raise AssertionError(f"the case does not end: {case.open_steps()}")


def _chosen(task: dict[str, Any]) -> dict[str, Any]:
    if task["element"].startswith("assess"):
        return {"outcome": "pass", "scores": full_scores(task["form"])}
    return {"outcome": "submit"} if task["element"] == "attach_sealed_form" else {}
