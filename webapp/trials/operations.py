"""Carry on a dry run, and keep test cases with a draft. A dry run belongs to one designer and touches nothing else."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.designer.models import ProcessDraft
from webapp.designer.operations import held_by_other, lock_draft
from webapp.designer.queries import get_draft, get_version
from webapp.designer.rules import is_held
from webapp.problems import Conflict, NotFound, invalid
from webapp.trials import cases
from webapp.trials.limited import ask
from webapp.trials.models import Trial
from webapp.trials.rules import MOST_STEPS, is_stuck

Json = dict[str, Any]
KEPT = timedelta(days=30)
"""A dry run that nobody touched for so long is removed."""


def begin(
    session: Session, actor: Actor, now: datetime, process: str, *, version: int | None, begins_at: datetime
) -> Trial:
    """Begin a dry run of the draft or of a version; the one before of the same designer and process is given up.

    Raises:
        NotFound: there is no such draft or version.
        TrialError: it cannot run at all.
    """
    return _begin(session, actor, now, process, version=version, begins_at=begins_at)


def _begin(
    session: Session,
    actor: Actor,
    now: datetime,
    process: str,
    *,
    version: int | None,
    begins_at: datetime,
    steps: list[Json] | None = None,
    case_key: str | None = None,
) -> Trial:
    session.execute(delete(Trial).where(Trial.user_id == actor.user_id, Trial.process == process))
    trial = Trial(
        user_id=actor.user_id,
        process=process,
        version=version,
        begins_at=begins_at,
        steps=steps or [],
        seen={},
        case_key=case_key,
        touched_at=now,
    )
    _look(session, now, trial, {})
    session.add(trial)
    session.flush()
    record(session, actor, "trial.begin", subject=f"process:{process}", after={"version": version, "case": case_key})
    return trial


def lock_trial(session: Session, actor: Actor, process: str) -> Trial:
    """The actor's own dry run of a process, locked.

    Raises:
        NotFound: there is none.
    """
    query = select(Trial).where(Trial.user_id == actor.user_id, Trial.process == process).with_for_update()
    trial = session.scalar(query)
    if trial is None:
        raise NotFound(_("没有在进行的试运行，请重新开始。"))
    return trial


def do_step(session: Session, actor: Actor, now: datetime, process: str, tried: Json) -> Trial:
    """Try one step more; where it is refused the form is shown again with the reasons.

    Raises:
        NotFound: there is no dry run.
        Invalid: it has gone on for too long.
        TrialError: it cannot be carried out.
    """
    trial = lock_trial(session, actor, process)
    if len(trial.steps) >= MOST_STEPS:
        raise invalid("steps", "too_many", _("一次试运行最多 %(most)s 步，请重新开始。", most=MOST_STEPS))
    answer = _ask(session, trial, {"tried": tried})
    if answer["added"] is not None:
        trial.steps = [*trial.steps, answer["added"]]
    _keep(session, now, trial, answer)
    return trial


def go_back(session: Session, actor: Actor, now: datetime, process: str, to: int) -> Trial:
    """Take steps back, until ``to`` of them are left.

    Raises:
        NotFound: there is no dry run.
    """
    trial = lock_trial(session, actor, process)
    trial.steps = trial.steps[: max(to, 0)]
    _look(session, now, trial, {})
    return trial


def look(session: Session, actor: Actor, now: datetime, process: str, wanted: Json) -> Trial:
    """Look at another task, as another person, with example answers, or at the draft as it is by now.

    Raises:
        NotFound: there is no dry run.
    """
    trial = lock_trial(session, actor, process)
    _look(session, now, trial, wanted)
    return trial


def stop(session: Session, actor: Actor, process: str) -> None:
    """Give a dry run up."""
    session.delete(lock_trial(session, actor, process))


def _look(session: Session, now: datetime, trial: Trial, wanted: Json) -> None:
    _keep(session, now, trial, _ask(session, trial, {"look": wanted}))


def _ask(session: Session, trial: Trial, more: Json) -> Json:
    source = _source(session, trial)
    parts = {"process": trial.process, "bpmn": source.bpmn, "forms": source.forms, "tables": source.tables}
    request = {"content": parts, "begins_at": trial.begins_at.isoformat(), "steps": trial.steps}
    return ask(request | more)


def _source(session: Session, trial: Trial) -> Any:
    if trial.version is None:
        return get_draft(session, trial.process)
    return get_version(session, trial.process, trial.version)


def _keep(session: Session, now: datetime, trial: Trial, answer: Json) -> None:
    source = _source(session, trial)
    trial.seen = answer
    trial.seen_revision = source.revision if isinstance(source, ProcessDraft) else None
    trial.touched_at = now


def sweep(session: Session, now: datetime) -> None:
    """Remove dry runs that nobody has touched for a month."""
    session.execute(delete(Trial).where(Trial.touched_at < now - KEPT))


def save_case(session: Session, actor: Actor, now: datetime, process: str, key: str | None, name: str) -> str:
    """Keep the dry run of the actor as a test case of the draft.

    Args:
        key: the case to replace; none for a new one.

    Raises:
        NotFound: there is no dry run, or no draft.
        Invalid: the name or the number of steps does not do.
        Conflict: somebody else is editing the draft, or a step cannot be made any more.
    """
    trial = lock_trial(session, actor, process)
    records = trial.seen.get("records", [])
    if len(records) != len(trial.steps):
        raise Conflict(_("有步骤在修改后的流程里不能再进行，请先退回到能进行的一步，再保存。"))
    case = cases.case_of_trial(name, trial.begins_at, trial.steps, records)
    draft = _editable(session, actor, now, process)
    used = key or _free_key(draft.cases)
    _store(session, actor, draft, used, case)
    trial.case_key = used
    return used


def put_case(session: Session, actor: Actor, now: datetime, process: str, key: str, value: Any) -> None:
    """Replace a test case of the draft by what a person wrote.

    Raises:
        NotFound: there is no such case.
        Invalid: it is no test case.
        Conflict: somebody else is editing the draft.
    """
    draft = _editable(session, actor, now, process)
    _store(session, actor, draft, _known(draft, key), cases.checked_case(value))


def accept_results(session: Session, actor: Actor, now: datetime, process: str, key: str | None) -> int:
    """Let a case (or all that failed) expect what the last run of the draft found; returns how many were changed.

    Raises:
        NotFound: there is no such case.
        Conflict: it has not been run since the draft or the case was changed, or a step of it cannot be made.
    """
    draft = _editable(session, actor, now, process)
    ran = draft.case_results or {}
    results = ran.get("results", {}) if ran.get("revision") == draft.revision else {}
    failed = [name for name, result in results.items() if not result["passed"]]
    wanted = failed if key is None else [_known(draft, key)]
    for name in wanted:
        _store(session, actor, draft, name, _accepted(draft.cases[name], results.get(name)))
    return len(wanted)


def _accepted(case: Json, result: Json | None) -> Json:
    if result is None:
        raise Conflict(_("改动之后还没有运行这个用例，请先运行。"))
    if len(result["found"]) < len(case["steps"]):
        words = _("“%(name)s”有步骤不能进行。请在试运行中打开它，改正后重新保存。", name=case["name"])
        raise Conflict(words)
    return cases.expecting(case, result["found"])


def remove_case(session: Session, actor: Actor, now: datetime, process: str, key: str) -> None:
    """Remove a test case from the draft.

    Raises:
        NotFound: there is no such case.
        Conflict: somebody else is editing the draft.
    """
    draft = _editable(session, actor, now, process)
    _store(session, actor, draft, _known(draft, key), None)


def open_case(session: Session, actor: Actor, now: datetime, process: str, key: str) -> Trial:
    """Go through a test case of the draft as a dry run, to look at it or carry it on.

    Raises:
        NotFound: there is no such case.
    """
    draft = get_draft(session, process)
    case = draft.cases[_known(draft, key)]
    steps = [{name: value for name, value in step.items() if name != "expect"} for step in case["steps"]]
    at = datetime.fromisoformat(case["begins_at"])
    return _begin(session, actor, now, process, version=None, begins_at=at, steps=steps, case_key=key)


def run_cases(session: Session, actor: Actor, now: datetime, process: str) -> Mapping[str, Any]:
    """Run all test cases of the draft and keep how they went.

    Raises:
        NotFound: there is no draft.
        TrialError: they cannot be run at all.
    """
    draft = get_draft(session, process)
    seen, given = draft.revision, draft.cases
    content = {"process": process, "bpmn": draft.bpmn, "forms": draft.forms, "tables": draft.tables}
    found = cases.run(content, given)
    draft = lock_draft(session, process)
    draft.case_results = found | {"revision": seen, "at": now.isoformat()}
    failed = sum(not result["passed"] for result in found["results"].values())
    record(session, actor, "trial.run", subject=f"process:{process}", after={"cases": len(given), "failed": failed})
    return found


def renew_cases(session: Session, actor: Actor, now: datetime, process: str) -> tuple[int, list[str]]:
    """Bring the cases in which a step cannot be made any more up to the draft, and run all of them.

    Returns how many were, and the names of those in which something still cannot be done.

    Raises:
        NotFound: there is no draft.
        Conflict: somebody else is editing the draft, or the cases were not run since it was changed.
        TrialError: they cannot be gone through at all.
    """
    draft = _editable(session, actor, now, process)
    stuck = {key: draft.cases[key] for key, result in _results(draft).items() if is_stuck(draft.cases[key], result)}
    content = {"process": process, "bpmn": draft.bpmn, "forms": draft.forms, "tables": draft.tables}
    found = cases.renewed(content, stuck)
    for key, case in found.items():
        if case is not None:
            _store(session, actor, draft, key, case)
    run_cases(session, actor, now, process)
    left = [stuck[key]["name"] for key, case in found.items() if case is None]
    return len(found) - len(left), left


def _results(draft: ProcessDraft) -> Mapping[str, Any]:
    """What the last run found, where nothing was changed since."""
    ran = draft.case_results or {}
    found: Mapping[str, Any] = ran.get("results", {})
    if ran.get("revision") != draft.revision or not found:
        raise Conflict(_("改动之后还没有运行测试用例，请先运行。"))
    return {key: result for key, result in found.items() if key in draft.cases}


def _editable(session: Session, actor: Actor, now: datetime, process: str) -> ProcessDraft:
    draft = lock_draft(session, process)
    if is_held(draft.editor_id, draft.seen_at, now) and draft.editor_id != actor.user_id:
        raise held_by_other(session, draft)
    return draft


def _known(draft: ProcessDraft, key: str) -> str:
    if key not in draft.cases:
        raise NotFound(_("草稿里没有这个测试用例。"))
    return key


def _free_key(known: Mapping[str, Any]) -> str:
    return next(key for number in range(1, len(known) + 2) if (key := f"case_{number}") not in known)


def _store(session: Session, actor: Actor, draft: ProcessDraft, key: str, case: Json | None) -> None:
    others = {name: kept for name, kept in draft.cases.items() if name != key}
    draft.cases = draft.cases | {key: case} if case is not None else others
    cases.refuse_too_many(draft.cases)
    if draft.case_results is not None:  # what it came to is not known any more
        results = {name: kept for name, kept in draft.case_results["results"].items() if name != key}
        draft.case_results = draft.case_results | {"results": results}
    session.flush()
    act = "trial.save_case" if case is not None else "trial.remove_case"
    record(
        session, actor, act, subject=f"process:{draft.process}", after={"case": key, "name": (case or {}).get("name")}
    )
