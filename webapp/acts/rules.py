"""Who may be handed a task or asked about it, and who stands in for whom. Pure.

Nobody gets a right that the rule of the step would not give: a task goes to people of the body that is responsible
for it who hold a role of the step. Those who only give an opinion or sign besides must see the case by their post.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from webapp.access import lies_in
from webapp.accounts.models import ROLES

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


@dataclass(frozen=True)
class Named:
    """Who stands in for whom, for some processes or (empty) for all."""

    principal: int
    deputy: int
    processes: frozenset[str] = frozenset()


def stand_ins(named: Iterable[Named]) -> set[tuple[int, int, str]]:
    """Everybody who stands in for somebody, chains followed to their ends: principal, deputy, process (``*``: all).

    Circles end where they began; nobody stands in for themselves.
    """
    rows = list(named)
    found: set[tuple[int, int, str]] = set()
    for start in {row.principal for row in rows}:
        todo = [(start, "*")]
        seen = set(todo)
        while todo:
            person, process = todo.pop()
            reached = [(r.deputy, p) for r in rows if r.principal == person for p in _both(process, r.processes)]
            new = [step for step in reached if step not in seen]
            seen.update(new)
            todo.extend(new)
        found |= {(start, person, process) for person, process in seen if person != start}
    return {row for row in found if row[2] == "*" or (row[0], row[1], "*") not in found}


def _both(process: str, processes: frozenset[str]) -> list[str]:
    """The processes of a link in a chain that so far covers ``process``."""
    if not processes:
        return [process]
    if process == "*":
        return sorted(processes)
    return [process] if process in processes else []


def circle_through(named: Sequence[Named], new: Named) -> list[int] | None:
    """The people of a circle that one more deputy would close, from the new principal on."""
    todo = [[new.principal, new.deputy]]
    while todo:
        way = todo.pop()
        for row in named:
            if row.principal != way[-1] or (new.processes and row.processes and not new.processes & row.processes):
                continue
            if row.deputy == new.principal:
                return way
            if row.deputy not in way:
                todo.append([*way, row.deputy])
    return None
