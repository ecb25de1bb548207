"""Deadlines of user tasks and the clock of a process: what cannot be counted is refused, with what to write instead."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from workflows.bpmn import ACTIVITIES, Element, Process
from workflows.checks.numbers import is_whole
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.python_subset import analyse
from workflows.wording import label

_DAYS = ("working_days", "calendar_days")
_DATES = ("date", "end_of_day", "before")
_LIMITS = (*_DAYS, *_DATES)
_WORDS = ("phase_end", "on_return", "office_hours")
_MOST_DAYS = 1830  # five years: what is longer is a mistake of the pen


@rule
def tasks_have_deadlines(subject: Subject) -> Iterator[Problem]:
    for task in subject.of_type("userTask"):
        deadline = task.extension("deadline")
        if deadline is None:
            message = f"{label(task)}没有办理期限，无法提醒和催办；请设置工作日、日历日或日期（wm:deadline）。"
            yield Problem("warning", "deadline_missing", task.id, message)
        elif why := _unclear(deadline) or _no_phase(deadline, subject.facts.phases):
            yield Problem("error", "deadline_unclear", task.id, f"{label(task)}{why}")


@rule
def deadlines_and_timers_agree(subject: Subject) -> Iterator[Problem]:
    """A timer at the border decides by itself; a due time that can be moved apart from it would mislead."""
    for task in subject.of_type("userTask"):
        deadline = task.extension("deadline") or {}
        timers = [e for e in _attached(subject, task) if e.event and e.event.kind == "timer"]
        days = deadline.get("working_days")
        for timer in timers:
            written = timer.event.timer if timer.event else None
            if days and written and "end_of_working_day(" in written and f"end_of_working_day({days})" not in written:
                message = (
                    f"{label(task)}的办理期限是 {days[:40]} 个工作日，而{label(timer)}写的是 {written[:60]}；"
                    "到期时间会不一致，请改成相同的天数。"
                )
                yield Problem("warning", "deadline_differs", task.id, message)


@rule
def clocks_can_run(subject: Subject) -> Iterator[Problem]:
    for key in sorted(subject.processes):
        process = subject.catalogue.processes.get(key)
        clock = process.extensions.get("clock") if process else None
        if process and clock:
            yield from _clock_faults(subject, process, clock[0])


def _clock_faults(subject: Subject, process: Process, clock: Mapping[str, str]) -> Iterator[Problem]:
    days = clock.get("working_days")
    if days and not is_whole(days, 1, _MOST_DAYS):
        message = f"流程的总时限“{days[:40]}”不是 1 到 {_MOST_DAYS} 的整数；请写工作日数，如 60。"
        yield Problem("error", "clock_unclear", process.id, message)
    for word in clock.get("pauses", "").split():
        element = subject.catalogue.elements.get(word)
        if element is None or element.type not in ACTIVITIES:
            message = f"流程时限的暂停环节“{word[:60]}”不存在；请写本流程中任务或子流程的 id，用空格隔开。"
            yield Problem("error", "clock_pause_unknown", process.id, message)


def _attached(subject: Subject, task: Element) -> list[Element]:
    return [subject.catalogue.elements[key] for key in subject.catalogue.attached.get(task.id, ())]


def _unclear(deadline: Mapping[str, str]) -> str | None:
    given = [name for name in _LIMITS if deadline.get(name)]
    why = _not_one(deadline, given) or _bad_words(deadline)
    if why or not given:
        return why
    name, text = given[0], deadline[given[0]]
    return _no_days(text) if name in _DAYS else _no_date(text)


def _not_one(deadline: Mapping[str, str], given: list[str]) -> str | None:
    if not deadline.get("phase_end"):
        wrong = f"的办理期限应在 {'、'.join(_LIMITS)} 中恰好设置一个，或按批次的阶段截止日（phase_end）。"
        return None if len(given) == 1 else wrong
    if len(given) > 1 or set(given) - set(_DAYS):
        return f"的办理期限已按阶段截止日（phase_end），此外只能再写 {'、'.join(_DAYS)} 之一，用于批次没有规定时。"
    return None


def _bad_words(deadline: Mapping[str, str]) -> str | None:
    if deadline.get("office_hours", "false") not in {"true", "false"}:
        return f"的 office_hours“{deadline['office_hours'][:40]}”只能是 true（到当天下班为止）或 false。"
    if deadline.get("on_return", "continue") not in {"continue", "restart"}:
        return f"的 on_return“{deadline['on_return'][:40]}”只能是 continue（退回后接着计时）或 restart（重新计时）。"
    unknown = sorted(deadline.keys() - {*_LIMITS, *_WORDS})
    return f"的办理期限（wm:deadline）不认识“{unknown[0][:40]}”。" if unknown else None


def _no_phase(deadline: Mapping[str, str], phases: Mapping[str, str] | None) -> str | None:
    phase = deadline.get("phase_end")
    if not phase or phases is None or phase in phases:
        return None
    known = "、".join(f"{key}（{name}）" for key, name in phases.items())
    return f"的阶段“{phase[:40]}”不存在；批次的阶段有：{known}。"


def _no_days(text: str) -> str | None:
    if is_whole(text, 1, _MOST_DAYS) or text.isidentifier():
        return None
    if text.isascii() and text.isdecimal() and int(text[:6]) > 0:
        return f"的办理期限“{text[:40]}”过长；请写不超过 {_MOST_DAYS} 的天数。"
    return f"的办理期限“{text[:40]}”不是正整数，也不是变量名；请写天数，如 10。"


def _no_date(text: str) -> str | None:
    """Why a text is neither the name of a variable nor a quoted date."""
    if text.isidentifier():
        return None
    expression = analyse(text)
    value = expression.constant if expression.is_constant and not expression.error else None
    if not isinstance(value, str):
        return f"的办理期限“{text[:40]}”不是日期；请写带引号的日期，或保存日期的变量。"
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return f"的办理期限“{text[:40]}”不是日期；请写带引号的日期，如 '2026-12-31'，或保存日期的变量。"
    if len(value) > 10 and moment.tzinfo is None:
        return f"的办理期限“{text[:40]}”没有时区；请补上 +08:00，或只写日期。"
    return None
