"""What a trial came to against what was expected of it, and which parts of a diagram trials have passed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
MOST_STEPS = 120
MOST_CASES = 60


@dataclass(frozen=True)
class Coverage:
    """The elements and flows of a diagram that trials passed, among all that it has."""

    elements: frozenset[str]
    flows: frozenset[str]
    all_elements: tuple[str, ...]
    all_flows: tuple[str, ...]

    def as_dict(self) -> Json:
        """For pages: figures, and what was never passed, in reading order."""
        return {
            "elements": len(self.elements),
            "of_elements": len(self.all_elements),
            "flows": len(self.flows),
            "of_flows": len(self.all_flows),
            "missing": [key for key in self.all_elements if key not in self.elements],
            "missing_flows": [key for key in self.all_flows if key not in self.flows],
        }


def coverage(passed: Iterable[Iterable[str]], elements: Sequence[str], flows: Sequence[str]) -> Coverage:
    """What all of several ways together passed."""
    union = frozenset(key for way in passed for key in way)
    return Coverage(union & set(elements), union & set(flows), tuple(elements), tuple(flows))


def expected_of(record: Mapping[str, Any]) -> Json:
    """What a test case keeps of a step as it went: way, whose turn it is and until when, and how the case stands."""
    opened = [{key: task[key] for key in ("element", "item", "candidates", "due")} for task in record["open"]]
    return {"way": record["way"], "open": opened, "status": record["status"], "outcome": record["outcome"]}


def is_stuck(case: Mapping[str, Any], result: Mapping[str, Any]) -> bool:
    """Whether a run of a case came to a step that cannot be made any more, or ended where it should have gone on."""
    expected = case["steps"][-1].get("expect", {}).get("status", "running")
    is_cut_short = expected != "running" and bool(result["found"]) and result["found"][-1]["status"] == "running"
    return len(result["found"]) < len(case["steps"]) or is_cut_short


def differences(expected: Mapping[str, Any], found: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Where a step went otherwise than expected, in Chinese; what the case does not say is not compared.

    Args:
        names: element → what it is called.
    """
    said = []
    if "way" in expected and expected["way"] != found["way"]:
        said.append(_way_words(expected["way"], found["way"], names))
    for key, word in (("status", "办件状态"), ("outcome", "办理结果")):
        if key in expected and expected[key] != found[key]:
            said.append(f"{word}：预期“{_shown(expected[key])}”，实际“{_shown(found[key])}”")
    if "open" in expected:
        said += _open_words(expected["open"], found["open"], names)
    return said


def _shown(value: Any) -> str:
    words = {"running": "办理中", "completed": "已办结", "withdrawn": "已撤回", "cancelled": "已取消", None: "无"}
    return words.get(value, str(value))


def _way_words(expected: Sequence[str], found: Sequence[str], names: Mapping[str, str]) -> str:
    missing = [key for key in expected if key not in found]
    more = [key for key in found if key not in expected]
    parts = []
    if missing:
        parts.append(f"应经过而没有经过 {_named(missing, names)}")
    if more:
        parts.append(f"多经过了 {_named(more, names)}")
    return "走向：" + ("，".join(parts) or f"预期 {_named(expected, names)}，实际 {_named(found, names)}")


def _named(keys: Iterable[str], names: Mapping[str, str]) -> str:
    return "、".join(f"「{names.get(key) or key}」" for key in keys) or "（无）"


def _open_words(expected: Sequence[Json], found: Sequence[Json], names: Mapping[str, str]) -> list[str]:
    said, left = [], list(found)
    for task in expected:
        name = f"「{names.get(task['element']) or task['element']}」"
        match = next((t for t in left if t["element"] == task["element"] and t["item"] == task.get("item", {})), None)
        if match is None:
            said.append(f"待办：预期轮到{name}，实际没有")
            continue
        left.remove(match)
        said += _task_words(name, task, match)
    return said + [f"待办：多出{_named([task['element']], names)}" for task in left]


def _task_words(name: str, expected: Json, found: Json) -> list[str]:
    said = []
    if "candidates" in expected and sorted(expected["candidates"]) != sorted(found["candidates"]):
        was, is_ = "、".join(expected["candidates"]) or "无人", "、".join(found["candidates"]) or "无人"
        said.append(f"{name}的办理人：预期 {was}，实际 {is_}")
    if "due" in expected and expected["due"] != found["due"]:
        said.append(f"{name}的期限：预期 {expected['due'] or '无'}，实际 {found['due'] or '无'}")
    return said


MESSAGES = {
    "withdrawal": "单位撤回申报",
    "objection": "收到对公示的异议",
    "supervision": "安排督导",
    "pairing_ending": "提前结束结对",
}
"""What the messages of the shipped processes are called."""
UNANNOUNCED = {"visit_state": "done"}
VARIANTS: Mapping[str, Sequence[tuple[Json, str]]] = {
    "supervision": (({}, "安排督导（明察）"), (UNANNOUNCED, "登记已做的督导（暗访）"))
}
"""Messages that come in several ways: what they carry, and what they are called then."""


def label_of(name: str, step: Mapping[str, Any]) -> str:
    """What a step is called in lists: 发起, the name of the task, how long was waited, which message came."""
    message = str(step.get("name"))
    said = next((word for carried, word in VARIANTS.get(message, ()) if carried == step.get("payload")), None)
    said = said or MESSAGES.get(message, f"消息到来：{message}")
    words = {"start": "发起", "message": said, "complete": name}
    if step.get("act") == "wait":
        return "等到下一个时间点" if step.get("to") == "next" else f"过 {step.get('days')} 天"
    return words.get(str(step.get("act")), str(step.get("act")))
