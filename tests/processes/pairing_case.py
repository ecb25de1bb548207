"""One pair driven through the shipped diagram with services that answer as told.

The engine keeps nothing between calls, so each act restores the stored state and stores the next one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from webapp.pairing.rules import end_of_month, evaluation_after, next_month
from workflows import engine
from workflows.definitions import Definition, load_definition
from workflows.steps import Context, Step

DIAGRAM = Path(__file__).parents[2] / "workflows" / "diagrams" / "pairing.bpmn"
MORNING = datetime(2021, 5, 6, 1, tzinfo=UTC)


@cache
def definition() -> Definition:
    return load_definition(DIAGRAM.read_bytes())


@dataclass
class Ledger:
    """Stands for the services: counts months as they do, and remembers what was asked."""

    month: date = date(2021, 5, 1)
    closed: int = 0
    calls: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def services(self) -> dict[str, Callable[..., Any]]:
        return {
            "adopt_plan": lambda pairing: self.note("adopt_plan", self.closed // 12 + 1),
            "open_month": lambda pairing: self.note("open_month", end_of_month(self.month).isoformat()),
            "set_lapse": lambda pairing: f"{end_of_month(next_month(self.month))}T23:59:59+08:00",
            "mark_missing": lambda pairing: self.note("mark_missing", self.month.isoformat()),
            "close_month": lambda pairing: self.close(),
            "close_pairing": lambda pairing, outcome: self.ended.append(outcome) or True,
        }

    def note(self, name: str, answer: Any) -> Any:
        self.calls.append(name)
        return answer

    def close(self) -> str:
        self.closed, self.month = self.closed + 1, next_month(self.month)
        return self.note("close_month", evaluation_after(self.closed))


class Case:
    """One pair, driven from outside with nothing but its stored state."""

    def __init__(self) -> None:
        self.ledger, self.now = Ledger(), MORNING
        facts = {
            "pairing_id": 1,
            "unit_id": 11,
            "helper_id": 12,
            "evaluating_region": "430603",
            "deciding_region": "430600",
            "province_region": "430000",
        }
        self.open: dict[str, str] = {}
        self.way: list[str] = []
        self.step = self._after(engine.start(definition(), facts, self.context()))

    def context(self) -> Context:
        return Context(self.now, self.ledger.services(), {"end_of_working_day": lambda days: self.now.isoformat()})

    def _after(self, step: Step) -> Step:
        assert step.failed_entering is None, step.failed_entering
        assert step.incidents == []
        for closed in step.closed:
            del self.open[closed.id]
        self.open |= {task.id: task.element for task in step.opened}
        self.way += [passed.element for passed in step.way]
        self.step = step
        return step

    def waiting(self) -> list[str]:
        return sorted(self.open.values())

    def do(self, element: str, **data: Any) -> "Case":
        ids = [key for key, at in self.open.items() if at == element]
        assert ids, f"{element} is not open, but {self.waiting()}"
        self._after(engine.complete(definition(), self.step.state, ids[0], data, self.context()))
        return self

    def wait_until(self, moment: datetime) -> "Case":
        self.now = moment
        self._after(engine.advance(definition(), self.step.state, self.context()))
        return self

    def send(self, message: str, payload: Mapping[str, Any]) -> "Case":
        self._after(engine.deliver(definition(), self.step.state, message, dict(payload), self.context()))
        return self

    # What the usual way consists of

    def signed(self, helper: str = "sign", helped: str = "sign") -> "Case":
        self.do("sign_agreement_helper", sign_helper_outcome=helper)
        return self.do("sign_agreement_helped", sign_helped_outcome=helped)

    def planned(self) -> "Case":
        return self.do("make_plan").do("confirm_plan", confirm_plan_outcome="accept")

    def month_begins(self) -> "Case":
        """Wait until the month that is to be logged has begun."""
        first = datetime(self.ledger.month.year, self.ledger.month.month, 1, tzinfo=UTC)
        return self.wait_until(max(self.now, first + timedelta(hours=1)))

    def logged(self, months: int) -> "Case":
        for _ in range(months):
            self.month_begins().do("write_log", write_log_outcome="done")
            if "evaluate_midterm" in self.waiting():
                self.do("evaluate_midterm")
        return self

    def year(self) -> "Case":
        return self.planned().logged(12).do("evaluate_year")

    def outcome(self, outcome: str, recognition: str = "none") -> "Case":
        return self.do("decide_outcome", pairing_outcome=outcome, recognition=recognition)


def ended(case: Case) -> str:
    assert case.step.end is not None, f"still open: {case.waiting()}"
    assert case.open == {}
    assert case.step.timers == []
    assert case.step.messages == []
    assert case.ledger.ended == [case.step.end.value]
    return case.step.end.value
