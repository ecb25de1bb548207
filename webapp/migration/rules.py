"""What examining a case comes to, in words; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from webapp.definitions.library import Published
from workflows import Obstacle, Route

Finding = dict[str, Any]
NOTE = "note"
MOST_FINDINGS = 20

VERDICTS = {"safe": "可以迁移", "mapping": "需要指明对应环节", "impossible": "不能迁移", "unchecked": "待检查"}
STATUSES = {
    "checking": "正在检查",
    "ready": "待开始",
    "running": "正在迁移",
    "suspended": "已暂停",
    "cancelled": "已取消",
    "done": "已完成",
    "undoing": "正在迁回",
    "undone": "已迁回",
}
OUTCOMES = {
    "waiting": "未迁移",
    "moved": "已迁移",
    "refused": "未能迁移",
    "kept": "未能迁回",
    "undone": "已迁回",
}


def verdict_of(findings: Iterable[Finding]) -> str:
    """``safe``, ``mapping`` where saying what corresponds to what may help, else ``impossible``."""
    kinds = {finding["kind"] for finding in findings}
    return next((kind for kind in ("impossible", "mapping") if kind in kinds), "safe")


def as_findings(obstacles: Iterable[Obstacle]) -> list[Finding]:
    """What the engine found, as it is stored."""
    return [asdict(one) for one in obstacles][:MOST_FINDINGS]


def refusal(code: str, message: str) -> Finding:
    """A reason that is none of the diagram's."""
    return {"kind": "impossible", "code": code, "element": "", "message": message}


def notes_on(old: Published, new: Published, route: Route, elements: Iterable[str]) -> list[Finding]:
    """What will be otherwise for the people at open steps although the case can be moved."""
    found = []
    for key in dict.fromkeys(elements):
        target = route.element(key)
        if target not in new.definition.catalogue.elements:
            continue
        name = new.name_of(target)
        if takes_new_people(old, new, key, target):
            found.append(_note("people", key, f"“{name}”的办理人规则有变化，迁移时按新规则确定办理人。"))
        if takes_new_deadline(old, new, key, target):
            found.append(_note("deadline", key, f"“{name}”是新环节，办理期限从迁移时起按新规定计算。"))
        elif old.deadlines.get(key) != new.deadlines.get(target):
            found.append(_note("deadline_kept", key, f"“{name}”的期限规定有变化，已经定下的截止时间保持不变。"))
        if _form(old, key) != _form(new, target):
            found.append(_note("form", key, f"“{name}”的表单有变化，已保存的草稿保留，提交时按新表单核对。"))
    return found


def _note(code: str, element: str, message: str) -> Finding:
    return {"kind": NOTE, "code": code, "element": element, "message": message}


def _form(published: Published, element: str) -> Any:
    form = published.form_of(element)
    return None if form is None else form.document


def takes_new_people(old: Published, new: Published, key: str, target: str) -> bool:
    """Whether the rule who does an open step is another one in the new version."""
    return old.assignments.get(key) != new.assignments.get(target)


def takes_new_deadline(old: Published, new: Published, key: str, target: str) -> bool:
    """Whether an open step becomes a new one, with a deadline of its own; every other keeps the one it has."""
    is_new = target not in old.definition.catalogue.elements
    return is_new and old.deadlines.get(key) != new.deadlines.get(target)


def renamed_way(way: Mapping[str, int], mapping: Mapping[str, str]) -> dict[str, int]:
    """How often elements were passed, by their ids in the new version."""
    found: dict[str, int] = {}
    for key, times in way.items():
        target = mapping.get(key, key)
        found[target] = found.get(target, 0) + times
    return found
