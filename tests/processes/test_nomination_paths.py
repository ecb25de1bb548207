"""Every way through the nomination process, as drawn; each act restores the stored state and stores the next one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from forms import CompiledForm, compile_form, read_document
from workflows import Context, Definition, Step, engine, load_definition
from workflows.checks import Facts, FormFacts, check_definition

ROOT = Path(__file__).parents[2]
DIAGRAM = ROOT / "workflows" / "diagrams" / "nomination.bpmn"
FORMS = ROOT / "forms" / "nomination"
OPENED = datetime(2021, 4, 12, 1, tzinfo=UTC)
SERVICES = ("open_call", "close_collection", "approve_nominees", "release_nominees")


@cache
def definition() -> Definition:
    return load_definition(DIAGRAM.read_bytes())


class Call:
    """One call to three counties."""

    def __init__(self) -> None:
        self.now = OPENED
        self.called: list[str] = []
        self.open: dict[str, tuple[str, str | None]] = {}
        data: dict[str, Any] = {
            "call_id": 7,
            "city_region": "410400",
            "province_region": "410000",
            "counties": ["410402", "410403", "410404"],
            "due_on": "2021-04-20",
            "wait_until": datetime(2021, 4, 20, 16, tzinfo=UTC).isoformat(),
        }
        self.step = self._after(engine.start(definition(), data, self.context()))

    def context(self) -> Context:
        return Context(self.now, {name: self._service(name) for name in SERVICES}, {})

    def _service(self, name: str) -> Callable[..., int]:
        def serve(**_arguments: Any) -> int:
            self.called.append(name)
            return 1

        return serve

    def _after(self, step: Step) -> Step:
        assert step.failed_entering is None, step.failed_entering
        assert step.incidents == []
        for closed in step.closed:
            del self.open[closed.id]
        self.open |= {task.id: (task.element, task.data.get("county")) for task in step.opened}
        self.step = step
        return step

    def waiting(self) -> list[str]:
        return sorted(element for element, _county in self.open.values())

    def do(self, element: str, county: str | None = None, **data: Any) -> "Call":
        ids = [key for key, (at, where) in self.open.items() if at == element and county in {None, where}]
        assert ids, f"{element} is not open, but {self.waiting()}"
        self._after(engine.complete(definition(), self.step.state, ids[0], data, self.context()))
        return self

    def wait(self, **span: float) -> "Call":
        self.now += timedelta(**span)
        self._after(engine.advance(definition(), self.step.state, self.context()))
        return self

    def accepted(self, *counties: str) -> "Call":
        for county in counties or ("410402", "410403", "410404"):
            self.do("submit_nominations", county)
            self.do("review_nominations", county, review_nominations_outcome="accept")
        return self

    def approved(self) -> "Call":
        self.do("rank_nominees", rank_nominees_outcome="submit")
        return self.do("approve_list", approve_list_outcome="approve")

    def ended(self) -> str:
        assert self.step.end is not None, f"still open: {self.waiting()}"
        assert self.open == {}
        assert self.step.timers == []
        return self.step.end.value


def test_all_counties_in_time_end_the_collection_and_its_timer() -> None:
    call = Call()
    assert call.waiting() == ["submit_nominations"] * 3
    assert len(call.step.timers) == 1
    call.accepted()
    assert call.waiting() == ["rank_nominees"]
    assert call.step.timers == []
    call.approved().do("report_nominees").do("receive_list", receive_list_outcome="accept")
    assert call.ended() == "reported"
    assert call.called == ["open_call", "close_collection", "approve_nominees"]


def test_a_returned_list_is_corrected_as_often_as_it_takes() -> None:
    call = Call().do("submit_nominations", "410403")
    sizes = []
    for _round in range(20):
        call.do("review_nominations", "410403", review_nominations_outcome="return")
        assert call.waiting() == ["correct_nominations", "submit_nominations", "submit_nominations"]
        call.do("correct_nominations", "410403")
        sizes.append(len(call.step.state))
    assert max(sizes[1:]) <= sizes[1] * 1.1
    call.do("review_nominations", "410403", review_nominations_outcome="accept")
    assert call.waiting() == ["submit_nominations"] * 2


def test_after_the_date_the_city_waits_and_lists_may_still_come() -> None:
    call = Call().accepted("410402").wait(days=10)
    assert call.waiting() == ["chase_counties", "submit_nominations", "submit_nominations"]
    until = call.now + timedelta(days=3)
    call.do("chase_counties", chase_counties_outcome="wait", wait_until=until.isoformat())
    assert [timer.due for timer in call.step.timers] == [until]
    call.accepted("410403").wait(days=4)
    assert call.waiting() == ["chase_counties", "submit_nominations"]
    call.accepted("410404")
    assert call.waiting() == ["rank_nominees"]


@pytest.mark.parametrize("until", ["submit_nominations", "review_nominations", "correct_nominations"])
def test_the_city_closes_whatever_a_county_is_at(until: str) -> None:
    call = Call().accepted("410402").wait(days=10)
    if until != "submit_nominations":
        call.do("submit_nominations", "410403")
    if until == "correct_nominations":
        call.do("review_nominations", "410403", review_nominations_outcome="return")
    call.do("chase_counties", chase_counties_outcome="close")
    assert call.waiting() == ["rank_nominees"]
    assert call.called[-1] == "close_collection"


def test_the_leader_returns_the_ranking() -> None:
    call = Call().accepted().do("rank_nominees", rank_nominees_outcome="submit")
    call.do("approve_list", approve_list_outcome="return")
    assert call.waiting() == ["rank_nominees"]
    assert call.approved().waiting() == ["report_nominees"]


def test_a_call_that_is_called_off_frees_its_places() -> None:
    call = Call().accepted().do("rank_nominees", rank_nominees_outcome="cancel")
    assert call.ended() == "cancelled"
    assert call.step.end is not None
    assert call.step.end.status == "cancelled"
    assert call.called[-1] == "release_nominees"


def test_the_province_returns_the_report_twice() -> None:
    call = Call().accepted().approved().do("report_nominees")
    for _time in range(2):
        call.do("receive_list", receive_list_outcome="return").do("report_nominees")
    assert call.do("receive_list", receive_list_outcome="accept").ended() == "reported"


def compiled(name: str) -> CompiledForm:
    return compile_form(read_document((FORMS / f"{name}.form").read_bytes()))


def test_diagram_and_forms_agree() -> None:
    names = {path.stem for path in FORMS.glob("*.form")}
    steps = {e.id for e in definition().catalogue.elements.values() if e.type == "userTask"}
    assert names == steps | {"start"}
    facts = {}
    for name in steps:
        form = compiled(name)
        outcome = form.engine_names[form.outcome_field] if form.outcome_field else None
        given = dict.fromkeys(form.engine_names.values(), "string")
        supplied = {"wait_until": "string"} if name == "chase_counties" else {}
        facts[name] = FormFacts(given | supplied, outcome, tuple(str(choice.value) for choice in form.outcomes))
    problems = check_definition(DIAGRAM.read_bytes(), Facts(forms=facts))
    assert [problem for problem in problems if problem.severity != "info"] == []
