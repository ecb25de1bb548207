"""Pages of a list: rows and a total that is counted no further than it is worth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from webapp.problems import InputError, Invalid

COUNT_CAP = 10_000
MOST_PER_PAGE = 100


@dataclass(frozen=True)
class Page:
    """One page of a list; ``total`` stops at :data:`COUNT_CAP`, then ``is_capped``."""

    items: list[Any]
    total: int
    page: int
    per_page: int
    is_capped: bool = False

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    def as_json(self, item: Callable[[Any], Any] = lambda row: row) -> dict[str, Any]:
        """The list as the API answers it."""
        answer = {
            "items": [item(row) for row in self.items],
            "total": self.total,
            "page": self.page,
            "per_page": self.per_page,
        }
        return answer | ({"total_capped": True} if self.is_capped else {})


def page_numbers(arguments: Mapping[str, str], per_page: int = 50) -> tuple[int, int]:
    """``page`` and ``per_page`` of a request.

    Raises:
        Invalid: one is no whole number in its range.
    """
    return _number(arguments, "page", 1, 100_000), _number(arguments, "per_page", per_page, MOST_PER_PAGE)


def _number(arguments: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = arguments.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not text.isascii() or len(text) > 9 or not 1 <= int(text) <= most:
        raise Invalid([InputError(name, "range", f"{name} 须为 1 到 {most} 的整数。")])
    return int(text)


def key_of(arguments: Mapping[str, str], name: str) -> int | None:
    """A row number in a request, e.g. where the next page begins; ``None`` where it is missing or none."""
    text = arguments.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def page_of(rows: Sequence[Any], page: int, per_page: int) -> Page:
    """One page of rows that were read as a whole, because their sums stand beside them."""
    start = (page - 1) * per_page
    return Page(list(rows[start : start + per_page]), len(rows), page, per_page)


def fetch_page(session: Session, query: Select[*tuple[Any, ...]], page: int, per_page: int) -> Page:
    """One page of an ordered query: two statements, the count capped."""
    inner = query.order_by(None).limit(COUNT_CAP + 1).subquery()
    total = session.scalar(select(func.count()).select_from(inner)) or 0
    rows = list(session.execute(query.limit(per_page).offset((page - 1) * per_page)))
    return Page(rows, min(total, COUNT_CAP), page, per_page, total > COUNT_CAP)
