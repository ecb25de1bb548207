"""Which list a person looks at. Its whole state is an address: what is not understood is left out and named.

The state travels with a task, so that "next" and "back" mean that list.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from webapp.deadlines.rules import SEVERITIES

TABS = {
    "inbox": "待办",
    "available": "可认领",
    "mine": "我已领取",
    "delegated": "委托给我的",
    "snoozed": "暂缓",
    "done": "已办",
    "started": "我发起的",
    "cc": "抄送我的",
}
OPEN_VIEWS = frozenset({"inbox", "mine", "available", "delegated", "snoozed"})
"""Views of what the person may do now."""

COLUMNS = {
    "honour": "荣誉",
    "step": "环节",
    "region": "地区",
    "due": "时限",
    "round": "轮次",
    "before": "上一环节",
    "number": "编号",
    "opened": "到达",
    "process": "流程",
}
"""What a list can show beside the unit."""
USUAL_COLUMNS = ("honour", "step", "region", "due", "round", "before", "number")
SORTS = ("due", "unit", "honour", "step", "region", "round", "opened", "number")
MOST_SORTS = 3
PER_PAGE = (50, 20, 100, 200, 500, 1000)
LAST_PAGE = 10_000
_MOST_TEXT = 2000


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).year < 9999 and len(text) == 10
    except ValueError:
        return False


_NAME = re.compile(r"[\w.-]{1,80}").fullmatch
_NUMBER = re.compile(r"[0-9]{1,9}").fullmatch
FILTERS: Mapping[str, Callable[[str], Any]] = {
    "q": lambda text: len(text) <= 100 and text.isprintable(),
    "process": _NAME,
    "element": _NAME,
    "instance": _NUMBER,
    "batch": _NUMBER,
    "region": re.compile(r"[0-9A-Za-z]{1,20}").fullmatch,
    "honour": _NAME,
    "severity": SEVERITIES.__contains__,
    "due_from": _is_day,
    "due_to": _is_day,
    "opened_from": _is_day,
    "opened_to": _is_day,
    "returned": "1".__eq__,
    "unread": "1".__eq__,
}
"""What a list can be narrowed by, each with what its value must look like."""
FILTER_NAMES = {
    "q": "查找",
    "process": "流程",
    "element": "环节",
    "instance": "办件",
    "batch": "批次",
    "region": "地区",
    "honour": "荣誉",
    "severity": "紧急程度",
    "due_from": "截止不早于",
    "due_to": "截止不晚于",
    "opened_from": "到达不早于",
    "opened_to": "到达不晚于",
    "returned": "曾被退回",
    "unread": "未读",
}


@dataclass(frozen=True)
class ListState:
    """A view, what narrows it, its order and columns, and the page of it."""

    view: str = "inbox"
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: tuple[str, ...] = ()
    """Keys of :data:`SORTS`, the first counts most; ``-`` in front turns one round. None: most urgent first."""
    columns: tuple[str, ...] = USUAL_COLUMNS
    page: int = 1
    per_page: int = PER_PAGE[0]
    ignored: tuple[str, ...] = field(default=(), compare=False)
    """Names of what could not be understood."""

    @classmethod
    def read(cls, arguments: Mapping[str, str], columns: tuple[str, ...] = ()) -> "ListState":
        """From the arguments of a list's address.

        Args:
            columns: those that were ticked, where a form sends them one by one.
        """
        given = {name: " ".join(value.replace("\x00", "").split()) for name, value in arguments.items()}
        filters = {name: given[name] for name in FILTERS if given.get(name)}
        good = {name: value for name, value in filters.items() if FILTERS[name](value)}
        sort, shown = _sorts(given.get("sort", "")), columns or _columns(given.get("cols", ""))
        page, per_page = _number(given.get("page", "")), _number(given.get("per_page", ""))
        state = cls(
            view=given.get("view", "") if given.get("view") in TABS else "inbox",
            filters=good,
            sort=sort or (),
            columns=shown or USUAL_COLUMNS,
            page=min(max(1, page or 1), LAST_PAGE),
            per_page=per_page if per_page in PER_PAGE else PER_PAGE[0],
        )
        known = {
            "view": given.get("view", "") in {"", *TABS},
            "sort": sort is not None,
            "cols": shown is not None,
            "page": page is not None,
            "per_page": per_page is not None and per_page in {0, *PER_PAGE},
        }
        strange = [name for name in filters if name not in good] + [name for name, fine in known.items() if not fine]
        return replace(state, ignored=tuple(strange))

    @classmethod
    def parse(cls, text: str) -> "ListState":
        """From :attr:`text`."""
        return cls.read(dict(parse_qsl(text[:_MOST_TEXT])))

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the list's address; what is usual is left out."""
        named: dict[str, Any] = {"view": self.view, **self.filters}
        if self.sort:
            named["sort"] = ",".join(self.sort)
        if self.columns != USUAL_COLUMNS:
            named["cols"] = ",".join(self.columns)
        if self.per_page != PER_PAGE[0]:
            named["per_page"] = str(self.per_page)
        if self.page > 1:
            named["page"] = str(self.page)
        return named

    @property
    def text(self) -> str:
        """The same in one value."""
        return urlencode(self.arguments)

    @property
    def is_grouped(self) -> bool:
        """Whether the rows stand under their severity: in the order of urgency, while they can still be done."""
        return self.view in OPEN_VIEWS and not self.sort

    def changed(self, **changes: Any) -> "ListState":
        """The first page of the list with something different; a filter set to ``None`` is taken away."""
        filters = dict(self.filters)
        for name in [name for name in changes if name in FILTERS]:
            value = changes.pop(name)
            if value is None:
                filters.pop(name, None)
            else:
                filters[name] = value
        return replace(self, filters=filters, **({"page": 1} | changes))

    def sorted_by(self, key: str) -> "ListState":
        """The list as a click on a column's head sorts it: by that column first, then as before."""
        first = f"-{key}" if self.sort[:1] == (key,) else key
        rest = [one for one in self.sort if one.lstrip("-") != key]
        return self.changed(sort=(first, *rest)[:MOST_SORTS])

    def direction(self, key: str) -> str | None:
        """``asc`` or ``desc`` where the list is sorted by a column."""
        order = self.sort or (("due",) if self.view in OPEN_VIEWS else ())
        return next(("desc" if one[0] == "-" else "asc" for one in order if one.lstrip("-") == key), None)


def _number(text: str) -> int | None:
    """A whole number of an address; 0 where there is none, ``None`` for anything else."""
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else None


def _sorts(text: str) -> tuple[str, ...] | None:
    keys = [key for key in text.split(",") if key]
    names = [key.removeprefix("-") for key in keys]
    if len(set(names)) < len(names) or not set(names) <= set(SORTS):
        return None
    return tuple(keys[:MOST_SORTS])


def _columns(text: str) -> tuple[str, ...] | None:
    chosen = text.split(",") if text else []
    if not set(chosen) <= COLUMNS.keys():
        return None
    return tuple(name for name in COLUMNS if name in chosen)
