"""One declaration driven through the shipped diagram with services that answer as told.

The engine keeps nothing between calls, so each act restores the stored state and stores the next one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from workflows import engine
from workflows.definitions import Definition, load_definition
from workflows.steps import Context, Step

DIAGRAM = Path(__file__).parents[2] / "workflows" / "diagrams" / "declaration.bpmn"
MORNING = datetime(2020, 7, 1, 1, tzinfo=UTC)
DEPARTMENTS = [71, 72, 73]
INSPECTORS = [501, 502]


@cache
def definition() -> Definition:
    return load_definition(DIAGRAM.read_bytes())


@dataclass
class Office:
    """Stands for the services: answers as told, and remembers what was asked."""

    place: list[str] = field(default_factory=lambda: ["reserved"])
    quota: list[str] = field(default_factory=lambda: ["reserved"])
    drawn: list[bool] = field(default_factory=lambda: [False])
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def services(self) -> dict[str, Callable[..., Any]]:
        return {
            "take_place": lambda **args: self.note("take_place", args, self.next(self.place)),
            "reserve_quota": lambda **args: self.note("reserve_quota", args, self.next(self.quota)),
            "draw_spot_check": lambda **args: self.note("draw_spot_check", args, self.next(self.drawn)),
            "release_quota": lambda **args: self.note("release_quota", args, True),
            "grant_award": lambda **args: self.note("grant_award", args, 9001),
        }

    def note(self, name: str, args: dict[str, Any], answer: Any) -> Any:
        self.calls.append((name, args))
        return answer

    @staticmethod
    def next(answers: list[Any]) -> Any:
        """The next answer; the last one holds for good."""
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def called(self) -> list[str]:
        return [name for name, _ in self.calls]


class Case:
    """One declaration, driven from outside with nothing but its stored state."""

    def __init__(self, office: Office | None = None, **facts: Any) -> None:
        self.office = office or Office()
        self.now = MORNING
        data = {
            "unit_id": 11,
            "batch_id": 3,
            "honour": "city",
            "level": "city",
            "city_direct": False,
            "county_region": "430626",
            "city_region": "430600",
            "province_region": "430000",
            "deciding_region": "430600",
            "departments": list(DEPARTMENTS),
            "consultation_days": 10,
        }
        self.open: dict[str, tuple[str, dict[str, Any]]] = {}
        self.way: list[str] = []
        self.step = self._after(engine.start(definition(), data | facts, self.context()))

    def context(self) -> Context:
        def end_of_working_day(days: int) -> str:
            return (self.now + timedelta(days=days)).isoformat()

        return Context(self.now, self.office.services(), {"end_of_working_day": end_of_working_day})

    def _after(self, step: Step) -> Step:
        assert step.failed_entering is None, step.failed_entering
        assert step.incidents == []
        for closed in step.closed:
            del self.open[closed.id]
        self.open |= {task.id: (task.element, task.data) for task in step.opened}
        self.way += [passed.element for passed in step.way]
        self.step = step
        return step

    def waiting(self) -> list[str]:
        return sorted(element for element, _ in self.open.values())

    def do(self, element: str, *, where: Mapping[str, Any] | None = None, **data: Any) -> "Case":
        """Complete the open task of that element; `where` picks one of several by its data."""
        wanted = (where or {}).items()
        ids = [key for key, (at, seen) in self.open.items() if at == element and wanted <= seen.items()]
        assert ids, f"{element} is not open, but {self.waiting()}"
        self._after(engine.complete(definition(), self.step.state, ids[0], data, self.context()))
        return self

    def wait(self, days: int) -> "Case":
        self.now += timedelta(days=days)
        self._after(engine.advance(definition(), self.step.state, self.context()))
        return self

    def send(self, message: str, **payload: Any) -> "Case":
        self._after(engine.deliver(definition(), self.step.state, message, payload, self.context()))
        return self

    # What the usual way consists of

    def submitted(self) -> "Case":
        return self.do("fill_declaration").do("attach_sealed_form", attach_sealed_form_outcome="submit")

    def consulted(self, opinion: str = "agree") -> "Case":
        for department in self.step.data["departments"]:
            self.do("consult_department", where={"department": department}, department_opinion=opinion)
        return self

    def assessed(self) -> "Case":
        self.submitted().do("review_county", review_county_outcome="pass")
        return self.consulted().do("assess_county", assessment_outcome="pass")

    def inspected(self, first: str = "pass", second: str = "pass") -> "Case":
        self.do("assign_inspectors", inspectors=list(INSPECTORS))
        for inspector, outcome in zip(INSPECTORS, (first, second), strict=True):
            self.do("inspect_site", where={"inspector": inspector}, inspect_site_outcome=outcome)
        return self

    def published(self) -> "Case":
        return self.do("publish_notice", notice_until=(self.now + timedelta(days=7)).isoformat())

    def decided(self, outcome: str = "approve") -> "Case":
        return self.published().wait(7).do("decide_award", decide_award_outcome=outcome)

    def reported(self) -> "Case":
        return self.decided().do("report_to_province")


def ended(case: Case) -> str:
    assert case.step.end is not None, f"still open: {case.waiting()}"
    assert case.open == {}
    assert case.step.timers == []
    assert case.step.messages == []
    return case.step.end.value
