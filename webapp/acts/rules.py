"""Who may be handed a task or asked about it, and who stands in for whom. Pure.

Nobody gets a right that the rule of the step would not give: a task goes to people of the body that is responsible
for it who hold a role of the step. Those who only give an opinion or sign besides must see the case by their post.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from webapp.access import Actor, lies_in
from webapp.accounts.models import ROLES
from webapp.definitions.library import Published
from webapp.instances.readable import is_beside
from webapp.tasks.models import Task

LEADERS = frozenset({"city_leader", "provincial_officer", "unit_leader"})
"""Roles that may countersign whatever the step's own roles are."""


class Candidate(Protocol):
    """What is known of a person with regard to a task (see ``webapp.acts.people``)."""

    id: int
    name: str
    organisation: str
    kind: str
    organisation_id: int
    roles: Sequence[str]
    region_path: str | None
    is_enabled: bool
    is_subjects: bool
    acted: str | None
    signs_beside: bool
    is_home: bool
    is_colleague: bool


def may_read_remark(actor: Actor, author_id: int, author_path: str | None, *, names_actor: bool) -> bool:
    """Whether somebody reads what was said about a case without deciding it.

    Whoever is named reads it, and the author's own organisation; else offices alone, but not those beside the author.
    """
    if names_actor or author_id == actor.organisation_id:
        return True
    return actor.is_office and not is_beside(actor, author_path)


@dataclass(frozen=True)
class Refusal:
    """The rule that keeps a person from a task: a stable code, and the words."""

    code: str
    message: str


def conflict_of(person: Candidate, acted_name: str = "") -> Refusal | None:
    """What conflict of interest, or state of the account, keeps somebody from acting on a case at all (design §3)."""
    who = f"{person.name}（{person.organisation}）"
    if not person.is_enabled:
        return Refusal("disabled", f"{who}的账号已停用，请选择其他人。")
    if person.is_subjects:
        return Refusal("conflict_of_interest", f"{who}是被审核单位的人员。按回避规则，任何人不办理本单位的事项。")
    if person.acted:
        words = f"{who}办理过本件的“{acted_name or person.acted}”。按回避规则，不能再办理这个环节。"
        return Refusal("conflict_of_interest", words)
    if person.signs_beside:
        return Refusal("signs_already", f"{who}已是本次会签的办理人，一人不能签两次。")
    return None


def why_not_take(person: Candidate, roles: Sequence[str], acted_name: str = "") -> Refusal | None:
    """What keeps somebody from being handed a task; ``roles`` are those that the step asks for."""
    found = conflict_of(person, acted_name)
    if found:
        return found
    who = f"{person.name}（{person.organisation}）"
    if not person.is_home:
        return Refusal(
            "other_organisation", f"{who}不属于本环节的责任单位。按流程规定，只能转给责任单位内有相应岗位的人。"
        )
    return _role_missing(person, roles, frozenset())


def why_not_sign(person: Candidate, roles: Sequence[str], case_path: str, acted_name: str = "") -> Refusal | None:
    """What keeps somebody from giving an opinion or signing besides; ``case_path`` is where the case belongs."""
    found = conflict_of(person, acted_name)
    if found:
        return found
    who = f"{person.name}（{person.organisation}）"
    covers = person.kind in {"office", "department"} and bool(person.region_path)
    if not (person.is_home or person.is_colleague or (covers and lies_in(case_path, person.region_path or ""))):
        return Refusal("other_region", f"{who}的岗位看不到这个办件（不在其管辖范围内），不能加签。")
    return _role_missing(person, roles, LEADERS)


def _role_missing(person: Candidate, roles: Sequence[str], more: frozenset[str]) -> Refusal | None:
    if not roles or set(person.roles) & (set(roles) | more):
        return None
    names = "、".join(ROLES.get(role, role) for role in roles)
    return Refusal("no_role", f"{person.name}（{person.organisation}）没有本环节要求的岗位角色（{names}）。")


def is_signing(published: Published, task: Task) -> bool:
    """Whether a task is one of several of a 会签."""
    return bool(task.item) and task.element in published.items


def signs_as_body(published: Published, task: Task) -> bool:
    """Whether the list of a 会签 names bodies, not people."""
    return is_signing(published, task) and published.assignments[task.element].organisation == published.items.get(
        task.element
    )


def has_fixed_list(published: Published, task: Task) -> bool:
    """Whether the list of a 会签 is computed by the diagram from something that is neither a person nor a body."""
    rule, name = published.assignments[task.element], published.items.get(task.element)
    return is_signing(published, task) and name not in {rule.person, rule.organisation}


def signs_in_turn(published: Published, task: Task) -> bool:
    """Whether the signers of a 会签 are asked one after the other (依次)."""
    around = published.definition.catalogue.around(task.element)
    return is_signing(published, task) and any(one.loop is not None and one.loop.sequential for one in around)
