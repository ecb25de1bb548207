"""What an import says about every row: accepted, flagged (taken, but somebody should look) or refused."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from webapp.imports.headers import Record, Table

_STANDING = {"accepted": 0, "flagged": 1, "refused": 2}


@dataclass(frozen=True)
class Reason:
    """Why a row is flagged or refused, or what was noted about it (Chinese)."""

    code: str
    field: str
    message: str

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "field": self.field, "message": self.message}


@dataclass
class Item:
    """The finding about one row."""

    row: int
    status: str = "accepted"
    reasons: list[Reason] = field(default_factory=list)
    password: str | None = None
    """The one-time password of an account that this row created; shown once, never stored."""

    def note(self, code: str, name: str, message: str) -> None:
        """Say something that needs nobody's attention."""
        self.reasons.append(Reason(code, name, message))

    def flag(self, code: str, name: str, message: str) -> None:
        """Take the row, but ask somebody to look at it."""
        self._raise_to("flagged")
        self.note(code, name, message)

    def refuse(self, code: str, name: str, message: str) -> None:
        """Do not take the row."""
        self._raise_to("refused")
        self.note(code, name, message)

    def _raise_to(self, status: str) -> None:
        if _STANDING[status] > _STANDING[self.status]:
            self.status = status

    @property
    def is_refused(self) -> bool:
        return self.status == "refused"

    def as_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "row": self.row,
            "status": self.status,
            "reasons": [reason.as_json() for reason in self.reasons],
        }
        return document | ({"password": self.password} if self.password else {})


@dataclass
class Report:
    """The findings about a file; ``applied`` once its rows are in the database."""

    items: list[Item]
    printed: int | None = None
    notes: list[str] = field(default_factory=list)
    changes: int = 0
    applied: bool = False

    def count(self, status: str) -> int:
        return sum(item.status == status for item in self.items)

    @property
    def is_clean(self) -> bool:
        """Whether the file may be imported: all or nothing."""
        return not any(item.is_refused for item in self.items)

    def as_json(self) -> dict[str, Any]:
        """The document of the command line and the browser."""
        computed = len(self.items)
        differs = self.printed is not None and self.printed != computed
        return {
            "rows": computed,
            "accepted": self.count("accepted"),
            "flagged": self.count("flagged"),
            "refused": self.count("refused"),
            "changes": self.changes,
            "applied": self.applied,
            "computed": {"rows": computed},
            "printed": {} if self.printed is None else {"rows": self.printed},
            "differences": [{"field": "rows", "computed": computed, "printed": self.printed}] if differs else [],
            "notes": self.notes,
            "items": [item.as_json() for item in self.items],
        }


def start_report(table: Table) -> Report:
    """A report with one accepted item per row; blanks around a value are flagged, because they are left out."""
    items = []
    for record in table.records:
        item = Item(record.number)
        for name, value in record.values.items():
            if value != value.strip():
                item.flag("blanks", name, f"“{value.strip()[:40]}”前后有空白，导入时不计。")
        items.append(item)
    return Report(items, table.printed, list(table.notes))


Progress = Callable[[int, int], None]
"""Told now and then how many rows of how many are behind."""


def each_row(report: Report, table: Table, done: Progress) -> Iterator[tuple[Item, Record]]:
    """The rows with their findings, telling ``done`` how far they are."""
    total = len(table.records)
    for number, pair in enumerate(zip(report.items, table.records, strict=True)):
        if number % 500 == 0:
            done(number, total)
        yield pair


def nobody_waits(_rows: int, _total: int) -> None:
    """In place of ``done`` where no progress is shown."""
