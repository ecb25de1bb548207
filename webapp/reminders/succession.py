"""To whom a step goes at the end of its time, where its diagram lets it be handed over."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from webapp.instances.processes import Json
from webapp.instances.running import Run
from webapp.registry.models import Organisation
from webapp.tasks.models import Task
from webapp.tasks.placing import whose
from workflows import list_open as engine_tasks


class CannotActError(Exception):
    """What the diagram declares cannot be done on this case; the message says why."""


@dataclass(frozen=True)
class Successor:
    """Whose the step is then; ``persons`` how many it needs."""

    roles: tuple[str, ...]
    region: str | None
    organisation: int | None
    person: int | None
    persons: int

    @property
    def columns(self) -> dict[str, Any]:
        """What the row of the task says of it; nobody has been handed it personally any more."""
        return {
            "assigned_roles": list(self.roles),
            "assigned_region": self.region,
            "assigned_organisation_id": self.organisation,
            "assigned_user_id": self.person,
            "handed_to": None,
            "request_id": None,
        }


def successor_of(run: Run, task: Task) -> Successor:
    """Whose a task becomes, by the rule that its diagram declares, seen with the data of the case at that task.

    Raises:
        CannotActError: the rule cannot be evaluated.
    """
    rule = run.published.successors[task.element]
    region, organisation, person, fault = whose(rule, _seen_at(run, task))
    if fault:
        raise CannotActError(fault)
    office = select(Organisation.id).where(Organisation.kind == "office", Organisation.region_code == region)
    return Successor(
        tuple(rule.roles), region, organisation or run.session.scalar(office), person, max(1, rule.persons)
    )


def _seen_at(run: Run, task: Task) -> Json:
    definition, state = run.published.definition, run.instance.state or ""
    seen = {opened.id: opened.data for opened in engine_tasks(definition, state, run.context())}
    return run.instance.data | task.item | seen.get(str(task.id), {})
