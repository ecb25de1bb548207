"""A test case as it is kept: recorded from a dry run, checked when it comes as text, run together with others.

``{"name", "begins_at", "steps": [{"act", …, "expect": {"way", "open", "status", "outcome"}}]}``; a step that says
nothing under ``expect`` only has to be possible.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from webapp.problems import InputError, Invalid, invalid
from webapp.trials.limited import SECONDS_FOR_CASES, TrialError, ask
from webapp.trials.rules import MOST_CASES, MOST_STEPS, expected_of

Json = dict[str, Any]
MOST_BYTES = 400_000
_MOST_SAID = 12
_ACTS: Mapping[str, Mapping[str, Any]] = {
    "start": {"person": str, "answers": dict, "facts": dict, "files": list},
    "complete": {"element": str, "item": dict, "person": str, "answers": dict, "files": list, "offered": dict},
    "wait": {"to": str, "days": int},
    "message": {"name": str, "payload": dict},
}
_EXPECTED = {"way": list, "open": list, "status": str, "outcome": (str, type(None))}
_MOST_NUMBER = 2**53


def case_of_trial(name: str, begins_at: datetime, steps: Sequence[Json], records: Sequence[Json]) -> Json:
    """What is kept of a dry run: its steps, each with what it came to as what is expected."""
    kept = [step | {"expect": expected_of(record)} for step, record in zip(steps, records, strict=False)]
    return checked_case({"name": name, "begins_at": begins_at.isoformat(timespec="seconds"), "steps": kept})


def expecting(case: Mapping[str, Any], found: Sequence[Json]) -> Json:
    """The case with everything expected as it was found at the last run."""
    steps = [step | {"expect": expected_of(record)} for step, record in zip(case["steps"], found, strict=False)]
    return {**case, "steps": steps + list(case["steps"][len(found) :])}


def checked_case(value: Any) -> Json:
    """A case from a file or a person.

    Raises:
        Invalid: it is none; says where.
    """
    if not isinstance(value, dict) or not isinstance(value.get("steps"), list):
        raise invalid("case", "type", _("测试用例须为 JSON 对象，含 name、begins_at 和 steps。"))
    name, steps = value.get("name"), value["steps"]
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 100:
        raise invalid("name", "length", _("请给测试用例起名，1 到 100 个字。"))
    if not 0 < len(steps) <= MOST_STEPS:
        raise invalid("steps", "length", _("测试用例须有 1 到 %(most)s 步。", most=MOST_STEPS))
    case: Json = {"name": name.strip(), "begins_at": _moment(value.get("begins_at"))}
    case["steps"] = [_checked_step(step, number) for number, step in enumerate(steps, start=1)]
    if len(json.dumps(case).encode()) > MOST_BYTES:
        raise invalid("case", "too_large", _("测试用例过大，请减少步骤或附件。"))
    return case


def _moment(value: Any) -> str:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        at = None
    if at is None or at.tzinfo is None or not 2000 <= at.year <= 2100:
        raise invalid("begins_at", "date", _("begins_at 须为带时区的时刻，如 2026-03-02T09:00:00+08:00。"))
    return at.isoformat(timespec="seconds")


def _checked_step(step: Any, number: int) -> Json:
    known = _ACTS.get(step.get("act", "")) if isinstance(step, dict) and isinstance(step.get("act"), str) else None
    if known is None:
        raise _at(number, _("act 须为 %(acts)s 之一", acts="、".join(_ACTS)))
    _check_keys(step, {**known, "act": str, "expect": dict}, number)
    expected = step.get("expect", {})
    _check_keys(expected, _EXPECTED, number)
    _check_lists(step, expected, number)
    return dict(step)


def _check_keys(value: Mapping[str, Any], known: Mapping[str, Any], number: int) -> None:
    for key, item in value.items():
        if key not in known:
            raise _at(number, _("不认识“%(key)s”", key=str(key)[:60]))
        if not isinstance(item, known[key]) or isinstance(item, bool):
            raise _at(number, _("“%(key)s”的类型不对", key=key))


def _check_lists(step: Mapping[str, Any], expected: Mapping[str, Any], number: int) -> None:
    for words, is_right in (
        (_("way 须为环节标识的列表"), _are_texts(expected.get("way", []))),
        (_("offered 须为文本的列表"), all(_are_texts(values) for values in step.get("offered", {}).values())),
        (_("open 的每一项须有 element，candidates 须为姓名的列表"), all(map(_is_task, expected.get("open", [])))),
        (_("files 的每一项须有 id、name、media_type 和 size"), all(map(_is_file, step.get("files", [])))),
    ):
        if not is_right:
            raise _at(number, words)


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _is_task(task: Any) -> bool:
    return isinstance(task, dict) and isinstance(task.get("element"), str) and _are_texts(task.get("candidates", []))


def _is_file(file: Any) -> bool:
    if not isinstance(file, dict) or file.keys() != {"id", "name", "media_type", "size"}:
        return False
    texts = isinstance(file["name"], str) and isinstance(file["media_type"], str)
    return texts and all(type(file[key]) is int and 0 <= file[key] < _MOST_NUMBER for key in ("id", "size"))


def _at(number: int, words: str) -> Invalid:
    return invalid(f"steps.{number}", "step", _("第 %(number)s 步：%(words)s。", number=number, words=words))


def refuse_too_many(cases: Mapping[str, Any]) -> None:
    """Raise ``Invalid`` where a process has more cases than are run at once."""
    if len(cases) > MOST_CASES:
        raise invalid("cases", "too_many", _("一个流程最多有 %(most)s 个测试用例，请先删除不用的。", most=MOST_CASES))


def run(content: Mapping[str, Any], cases: Mapping[str, Any]) -> Json:
    """Run test cases on what a version would hold; see :func:`webapp.trials.requests.run_cases`.

    Raises:
        TrialError: they could not be run at all.
    """
    parts = {name: content[name] for name in ("process", "bpmn", "forms", "tables")}
    return ask({"content": parts, "cases": dict(cases)}, seconds=SECONDS_FOR_CASES)


def renewed(content: Mapping[str, Any], cases: Mapping[str, Any]) -> dict[str, Json | None]:
    """Test cases brought up to a changed diagram; see :mod:`webapp.trials.renewing`.

    Raises:
        TrialError: they could not be gone through at all.
    """
    parts = {name: content[name] for name in ("process", "bpmn", "forms", "tables")}
    found = ask({"content": parts, "renew": dict(cases)}, seconds=SECONDS_FOR_CASES)["renewed"]
    return {key: checked_case(case) if case is not None else None for key, case in found.items()}


def refuse_unless_passed(content: Mapping[str, Any]) -> None:
    """Run the cases of what is to be published.

    Raises:
        Invalid: a case goes otherwise than it expects, or cannot be run; says which, at which step, and how.
    """
    cases = content["cases"]
    if not cases:
        return
    try:
        results = run(content, cases)["results"]
    except TrialError as error:
        raise invalid("", "cases_not_run", _("测试用例没有能够运行：%(why)s", why=str(error))) from error
    errors = [error for key, result in results.items() for error in errors_of(cases[key]["name"], result)]
    if len(errors) > _MOST_SAID:
        words = _("另有 %(count)s 处不符合预期，请到“测试用例”页查看。", count=len(errors) - _MOST_SAID)
        errors = [*errors[:_MOST_SAID], InputError("", "more", words)]
    if errors:
        raise Invalid(errors)


def errors_of(name: str, result: Mapping[str, Any]) -> list[InputError]:
    found = []
    for failure in result["failures"]:
        label = result["label"][failure["step"] - 1]
        for words in failure["messages"]:
            message = _(
                "测试用例“%(name)s”第 %(step)s 步（%(label)s）：%(words)s",
                name=name,
                step=failure["step"],
                label=label,
                words=words,
            )
            found.append(InputError(failure["element"] or "", "case_failed", message))
    return found
