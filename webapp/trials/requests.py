"""What the process of trials is asked: go through steps and look, or run test cases."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from forms.compile import CompiledForm
from webapp.instances.running import case_of
from webapp.problems import Problem
from webapp.tasks.answers import form_for, start_form_for
from webapp.trials.attempts import attempt
from webapp.trials.files import read_uploads, used_files
from webapp.trials.looking import record_of, view_of
from webapp.trials.playing import Content, Play, VirtualClock, begin_play
from webapp.trials.renewing import renew
from webapp.trials.rules import coverage, differences, label_of
from workflows.picture import draw

Json = dict[str, Any]
Worlds = Callable[[], AbstractContextManager[Session]]


def answer(worlds: Worlds, clock: VirtualClock, request: Mapping[str, Any]) -> Json:
    """Answer one request.

    Args:
        worlds: opens a session in which nothing lasts.
    """
    content = Content(**request["content"])
    if "renew" in request:
        return renew_cases(worlds, clock, content, request["renew"])
    if "cases" in request:
        return run_cases(worlds, clock, content, request["cases"])
    with worlds() as session:
        play = begin_play(session, clock, content, datetime.fromisoformat(request["begins_at"]))
        return play_and_look(play, request["steps"], request.get("tried"), request.get("look") or {})


def replay(play: Play, steps: Sequence[Mapping[str, Any]]) -> tuple[list[Json], Json | None]:
    """Make recorded steps; returns a record of each and, at last, where and why one was refused."""
    records: list[Json] = []
    for step in steps:
        refused = attempt(play, step)
        if refused is not None:
            return records, refused
        records.append(record_of(play, play.step_began))
    return records, None


def play_and_look(
    play: Play, steps: Sequence[Mapping[str, Any]], tried: Mapping[str, Any] | None, look: Mapping[str, Any]
) -> Json:
    """Replay what was done so far, try one step more, and say how it looks then."""
    records, refused = replay(play, steps)
    found: Json = {"records": records, "refused": refused, "added": None}
    shown: Json = dict(look) | {"step": len(records) + 1}
    if refused is None and tried is not None:
        posted = read_tried(play, len(records) + 1, tried)
        if posted.problem is None and not posted.is_unfinished:
            posted.problem = attempt(play, posted.step)
        if posted.problem is None and not posted.is_unfinished:
            found["records"].append(record_of(play, play.step_began))
            found["added"] = posted.step | ({"offered": play.offers} if play.offers else {})
            shown = {"step": len(found["records"]) + 1}
        else:
            found["problem"] = posted.problem
            shown = {**tried, "step": len(records) + 1, "answers": posted.step.get("answers"), "files": posted.files}
            shown["errors"] = (posted.problem or {}).get("errors")
            shown["example"] = False
            found["files"] = posted.files
    return found | {"view": view_of(play, shown)}


@dataclass
class Posted:
    """A step as a browser posted it."""

    step: Json
    files: list[Json]
    problem: Json | None = None
    is_unfinished: bool = False
    """A row was added or removed: the form is shown again."""


def read_tried(play: Play, number: int, tried: Mapping[str, Any]) -> Posted:
    """Read a posted form by the form of its step; other steps are taken as they are."""
    step = {key: value for key, value in tried.items() if key not in {"fields", "uploads", "files"}}
    posted = Posted(step, list(tried.get("files") or []))
    if "fields" not in tried:
        return posted
    try:
        form = _form_of(play, tried)
        uploaded = read_uploads(number, tried.get("uploads") or [], len(posted.files))
    except Problem as problem:
        posted.problem = {"message": problem.detail, "errors": [error.as_json() for error in problem.errors]}
        return posted
    if form is None:
        return posted
    fields = MultiDict([(name, value) for name, value in tried["fields"]])
    inputs: dict[str, list[str | int]] = {}
    for given, file in zip(tried.get("uploads") or [], uploaded, strict=True):
        inputs.setdefault(given["input"], []).append(file["id"])
    posted.files += uploaded
    step["answers"] = form.from_html(fields, inputs)
    step["files"] = used_files(form, step["answers"], number, posted.files)
    posted.is_unfinished = form.is_row_action(fields)
    return posted


def _form_of(play: Play, tried: Mapping[str, Any]) -> CompiledForm | None:
    if tried.get("act") == "start":
        return start_form_for(play.session, play.sample(tried.get("person")), play.now, play.published)
    task = play.find_task(tried.get("element"), tried.get("item"))
    actor = play.person_for(task, tried.get("person"))
    case = case_of(play.session, actor, play.now, play.case, task)
    return form_for(case, play.published, play.case.process, task.element)


def run_cases(worlds: Worlds, clock: VirtualClock, content: Content, cases: Mapping[str, Any]) -> Json:
    """Run test cases, each in a world of its own; with what of the diagram they passed together."""
    results, passed, play = {}, [], None
    for key, case in cases.items():
        with worlds() as session:
            play = begin_play(session, clock, content, datetime.fromisoformat(case["begins_at"]))
            results[key], way = run_case(play, case)
            passed.append(way)
    if play is None:
        with worlds() as session:
            play = begin_play(session, clock, content, clock.at)
    catalogue = play.published.definition.catalogue
    covered = coverage(passed, [item.element for item in play.published.outline], list(catalogue.flows))
    names = {e.id: e.name or e.id for e in catalogue.elements.values()}
    svg = draw(content.bpmn.encode(), dict.fromkeys(covered.elements, "done"), covered.flows, name="coverage")
    return {"results": results, "coverage": covered.as_dict(), "names": names, "svg": svg}


def renew_cases(worlds: Worlds, clock: VirtualClock, content: Content, cases: Mapping[str, Any]) -> Json:
    """Bring test cases up to a changed diagram; of those that cannot be, none."""
    found = {}
    for key, case in cases.items():
        with worlds() as session:
            found[key] = renew(begin_play(session, clock, content, datetime.fromisoformat(case["begins_at"])), case)
    return {"renewed": found}


def run_case(play: Play, case: Mapping[str, Any]) -> tuple[Json, set[str]]:
    """Run one test case: whether it went as expected, and at which step what did not."""
    names = {e.id: e.name for e in play.published.definition.catalogue.elements.values()}
    failures: list[Json] = []
    found: list[Json] = []
    way: set[str] = set()
    for number, step in enumerate(case["steps"], start=1):
        refused = attempt(play, step)
        if refused is not None:
            failures.append(
                {"step": number, "element": step.get("element"), "messages": [f"不能进行：{refused['message']}"]}
            )
            break
        record = record_of(play, play.step_began)
        found.append(record)
        way.update(record["way"], record["flows"])
        said = differences(step.get("expect") or {}, record, names)
        said += [f"发生故障：{words}" for words in record["incidents"] if not step.get("expect", {}).get("incidents")]
        if said:
            failures.append({"step": number, "element": step.get("element"), "messages": said})
    return {"passed": not failures, "failures": failures, "found": found, "label": labels(play, case["steps"])}, way


def labels(play: Play, steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """What each step is called."""
    return [label_of(play.published.name_of(step.get("element")), step) for step in steps]
