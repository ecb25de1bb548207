"""Timers that can be armed, messages that somebody sends.

The engine takes timer texts as expressions and fails only when it reaches them; cycles delete tasks; naive times are
read in the zone of the server.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from workflows.bpmn import Element
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.python_subset import analyse
from workflows.wording import label

_DURATION = re.compile(
    r"P(?=[\dT])(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_CALL = re.compile(r"end_of_working_day\(\s*(-?\d+)\s*\)")
_UNIT_DAYS = (366.0, 31.0, 7.0, 1.0, 1 / 24, 1 / 1440, 1 / 86400)
_MOST_DAYS = 1830
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_CATCHING = ("intermediateCatchEvent", "boundaryEvent", "startEvent", "receiveTask")
_THROWING = ("intermediateThrowEvent", "endEvent", "sendTask")


@rule
def timers_can_be_armed(subject: Subject) -> Iterator[Problem]:
    for element in subject.of_type("intermediateCatchEvent", "boundaryEvent", "startEvent"):
        if element.event and element.event.kind == "timer":
            why = _cannot_be_armed(element.event.timer_kind, element.event.timer)
            if why:
                yield Problem("error", "timer_not_armed", element.id, f"{label(element)}{why}")


@rule
def messages_exist(subject: Subject) -> Iterator[Problem]:
    for element in subject.of_type(*_CATCHING, *_THROWING):
        if _is_about_message(element) and not _message(element):
            what = "引用的消息不存在" if element.event and element.event.reference else "没有说明是哪个消息"
            message = f"{label(element)}{what}；请新建或选择一个消息。"
            yield Problem("error", "message_missing", element.id, message)


@rule
def awaited_messages_are_sent(subject: Subject) -> Iterator[Problem]:
    sent_by_us = subject.facts.messages
    if sent_by_us is None:
        return
    thrown = {_message(e) for e in subject.of_type(*_THROWING)}
    for element in subject.of_type(*_CATCHING):
        name = _message(element)
        if name and name not in thrown and name not in sent_by_us:
            known = "、".join(sorted(sent_by_us)) or "（无）"
            message = (
                f"{label(element)}等待的消息“{name}”没有人发送；请改用平台会发送的消息：{known}，或画出发送它的事件。"
            )
            yield Problem("warning", "message_not_sent", element.id, message)


def _is_about_message(element: Element) -> bool:
    kind = element.event.kind if element.event else ""
    return kind == "message" or (element.type in ("sendTask", "receiveTask") and kind == "none")


def _message(element: Element) -> str | None:
    return element.event.message if element.event and _is_about_message(element) else None


def _cannot_be_armed(kind: str | None, text: str | None) -> str | None:
    """Why a timer fails or does something else than drawn; None if it is an expression only the run can tell."""
    if kind == "cycle":
        return "是循环定时，会删除正在办理的任务；请改为一次性的定时，提醒由任务的办理期限负责。"
    if kind is None or not text:
        return "没有写时间；请写表达式，如 end_of_working_day(10)，或保存时间的变量。"
    return _bad_call(text.strip()) or _bad_text(kind, text)


def _bad_text(kind: str, text: str) -> str | None:
    expression = analyse(text)
    if _DURATION.fullmatch(text.strip()) or _is_instant(text.strip()):
        return f"的时间“{text[:40]}”没有加引号，引擎会当作算式；请写成 '{text.strip()[:40]}'。"
    if expression.error or not expression.is_constant:
        return None
    if not isinstance(expression.constant, str):
        return f"的时间“{text[:40]}”不是文本；请写带引号的时间，或 end_of_working_day(10) 之类的表达式。"
    return _bad_duration(expression.constant) if kind == "duration" else _bad_date(expression.constant)


def _bad_call(text: str) -> str | None:
    """A function of the statutory clock with a number of days that it cannot count."""
    match = _CALL.fullmatch(text)
    if match is None:
        return None
    days = match.group(1)
    if days.startswith("-") or not int(days[:9]):
        return f"的时间“{text[:60]}”不大于零，会立即触发；请写 1 以上的工作日数。"
    if len(days) > 6 or int(days) > _MOST_DAYS:
        return f"的时间“{text[:60]}”过长；请写不超过 {_MOST_DAYS} 的工作日数。"
    return None


def _bad_duration(text: str) -> str | None:
    match = _DURATION.fullmatch(text)
    if match is None:
        return f"的时长“{text[:40]}”无法识别；请写 ISO 8601 时长，如 'P5D'（5 天）、'PT12H'（12 小时）。"
    if not any(float(part) for part in match.groups() if part):
        return f"的时长“{text[:40]}”为零，会立即触发；请写大于零的时长。"
    amounts = (float(part[:12]) if part else 0.0 for part in match.groups())
    if len(text) > 40 or sum(a * d for a, d in zip(amounts, _UNIT_DAYS, strict=True)) > _MOST_DAYS:
        return f"的时长“{text[:40]}”超过五年；请改短，或以文件规定的日期作为办理期限（wm:deadline）。"
    return None


def _bad_date(text: str) -> str | None:
    if not _is_instant(text):
        return f"的时间“{text[:40]}”无法识别；请写带时区的时刻，如 '2026-12-31T18:00:00+08:00'。"
    if datetime.fromisoformat(text).tzinfo is None:
        return f"的时间“{text[:40]}”没有时区，会按服务器的时区理解；请补上 +08:00。"
    if not _FIRST_YEAR <= datetime.fromisoformat(text).year <= _LAST_YEAR:
        return f"的时间“{text[:40]}”不在 {_FIRST_YEAR} 年到 {_LAST_YEAR} 年之间；请核对年份。"
    return None


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return "-" in text  # "20260101" is a number as well
