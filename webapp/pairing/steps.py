"""The rules of single steps of P8 beyond their forms, and the rows that a person's act writes."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from webapp.clock import SHANGHAI
from webapp.instances.processes import Case, Json
from webapp.pairing import parties
from webapp.pairing.models import Evaluation, Log, Milestone, Pairing, Programme, Recognition, Signature, Visit
from webapp.pairing.rules import add_months, end_of_month, first_of_month, next_month
from webapp.problems import InputError, Invalid, invalid


def pairing_of(case: Case) -> Pairing:
    """The pair that a case is about."""
    return case.session.get_one(Pairing, case.data["pairing_id"])


def _today(case: Case) -> date:
    return case.now.astimezone(SHANGHAI).date()


def _actor_id(case: Case) -> int:
    assert case.actor is not None  # noqa: S101 (a person decides)
    return case.actor.user_id


def sign(case: Case, answers: Json) -> Json:
    """Write down who signed for which side; whoever refuses has signed nothing."""
    side = "helper" if case.element == "sign_agreement_helper" else "helped"
    if answers["outcome"] == "sign":
        signed = {"signed_by": _actor_id(case), "signed_at": case.now, "representative": answers["representative"]}
        row = upsert(Signature).values(pairing_id=pairing_of(case).id, side=side, **signed)
        case.session.execute(row.on_conflict_do_update(index_elements=["pairing_id", "side"], set_=signed))
    return {}


Given = Sequence[Mapping[str, Any]]


def _day(day: date) -> Given:
    return [{"key": "day", "label": "", "value": day.isoformat()}]


def example_milestone(case: Case) -> Given:
    """A day by which something could be done: in three months."""
    return _day(add_months(_today(case), 3))


def example_log_day(case: Case) -> Given:
    """A day of the month that is logged: today, or the last one of a month that is over."""
    month = month_to_log(case, pairing_of(case))
    return _day(min(end_of_month(month), _today(case)))


def today(case: Case) -> Given:
    """Today."""
    return _day(_today(case))


def make_plan(case: Case, answers: Json) -> Json:
    """Milestones lie ahead and in order; the target is above what the unit holds (S4 一)."""
    errors = []
    earliest = _today(case)
    for place, milestone in enumerate(answers["milestones"]):
        due = date.fromisoformat(milestone["due_on"])
        if due < earliest:
            text = f"须不早于{'今天' if place == 0 else '上一个里程碑'}（{earliest:%Y-%m-%d}）。"
            errors.append(InputError(f"milestones.{place}.due_on", "order", f"第 {place + 1} 个里程碑的日期{text}"))
        earliest = max(earliest, due)
    if errors:
        raise Invalid(errors)
    return {}


def target_honours(case: Case) -> Sequence[Mapping[str, Any]]:
    """The honours of the programme that are above what the helped unit holds."""
    pairing, standing = pairing_of(case), parties.ranks(case.session)
    programme = case.session.get_one(Programme, pairing.programme_id)
    party = parties.get_party(case.session, pairing.helped_id)
    best = max((standing.get(code, 0) for code in (party.honours if party else ())), default=0)
    names = parties.honour_names(case.session)
    fit = [code for code in names if code in programme.target_months and standing[code] > best]
    fit.sort(key=lambda code: code != pairing.target_honour)
    return [{"value": c, "label": f"{names[c]}（{programme.target_months[c]} 个月）"} for c in fit]


def open_milestones(case: Case) -> Sequence[Mapping[str, Any]]:
    """The milestones that are not done yet."""
    query = (
        select(Milestone)
        .where(Milestone.pairing_id == case.data.get("pairing_id"), Milestone.done_on.is_(None))
        .order_by(Milestone.year, Milestone.position)
    )
    return [{"value": str(m.id), "label": f"{m.title}（{m.due_on:%Y-%m-%d}）"} for m in case.session.scalars(query)]


def month_to_log(case: Case, pairing: Pairing) -> date:
    """The first month without a closed log."""
    closed = (Log.pairing_id == pairing.id, Log.is_closing)
    last = case.session.scalar(select(func.max(Log.month)).where(*closed))
    return next_month(last) if last else first_of_month(pairing.active_since or _today(case))


def write_log(case: Case, answers: Json) -> Json:
    """What was done lies in the month that is logged and not ahead; a month is closed with something or a reason."""
    pairing, outcome = pairing_of(case), answers["outcome"]
    month, entries = month_to_log(case, pairing), answers.get("entries") or []
    known = (Log.pairing_id == pairing.id, Log.month == month)
    before = case.session.scalar(select(func.count()).where(*known)) or 0
    if outcome == "close" and not before:
        raise invalid("outcome", "nothing_logged", "本月还没有记录，请填写开展的帮创，或选“本月没有开展”。")
    if outcome == "nothing" and before:
        raise invalid("outcome", "something_logged", "本月已经有记录，请选“没有补充，本月办结”。")
    _refuse_other_days(case, pairing, month, entries)
    reach = [int(value) for value in answers.get("milestones_done") or []]
    if outcome != "nothing" and entries:
        done_on = max(date.fromisoformat(entry["on"]) for entry in entries)
        pairing.last_log_on = max(done_on, pairing.last_log_on or done_on)
        _reach_milestones(case, pairing, reach, done_on)
    case.session.add(
        Log(
            pairing_id=pairing.id,
            month=month,
            entries=entries,
            photos=answers.get("photos") or [],
            nothing_reason=answers.get("nothing_reason"),
            is_closing=outcome != "more",
            written_by=_actor_id(case),
            written_at=case.now,
        )
    )
    case.session.flush()
    return {}


def _refuse_other_days(case: Case, pairing: Pairing, month: date, entries: Sequence[Mapping[str, Any]]) -> None:
    first = max(month, pairing.active_since or month)
    last = min(end_of_month(month), _today(case))
    errors = [
        InputError(
            f"entries.{place}.on",
            "month",
            f"第 {place + 1} 项的日期须在 {first:%Y-%m-%d} 至 {last:%Y-%m-%d} 之间：本次记录的是 {month:%Y年%m月}。",
        )
        for place, entry in enumerate(entries)
        if not first <= date.fromisoformat(entry["on"]) <= last
    ]
    if errors:
        raise Invalid(errors)


def _reach_milestones(case: Case, pairing: Pairing, ids: Sequence[int], on: date) -> None:
    mine = (Milestone.pairing_id == pairing.id, Milestone.done_on.is_(None))
    if ids:
        case.session.execute(update(Milestone).where(*mine, Milestone.id.in_(ids)).values(done_on=on))
    done = (Milestone.pairing_id == pairing.id, Milestone.done_on.is_not(None))
    pairing.milestones_done = case.session.scalar(select(func.count()).where(*done)) or 0


def indicators(case: Case) -> Sequence[Mapping[str, Any]]:
    """The rows of an evaluation: the indicators of the programme."""
    programme = case.session.get_one(Programme, pairing_of(case).programme_id)
    return [
        {"key": f"i{place}", "label": f"{row['label']}（满分 {row['max']:g}）", "max": float(row["max"])}
        for place, row in enumerate(programme.indicators, start=1)
    ]


def evaluate(case: Case, answers: Json) -> Json:
    """Keep the scores of an evaluation with their sum."""
    scores = {key: v for key, v in (answers.get("scores") or {}).items() if isinstance(v, int | float)}
    full = sum((Decimal(str(row["max"])) for row in indicators(case)), Decimal(0))
    case.session.add(
        Evaluation(
            pairing_id=pairing_of(case).id,
            kind="year" if case.element == "evaluate_year" else "midterm",
            scores=scores,
            total=sum((Decimal(str(v)) for v in scores.values()), Decimal(0)),
            full=full,
            opinion=answers.get("opinion"),
            evaluated_by=_actor_id(case),
            evaluated_at=case.now,
        )
    )
    case.session.flush()
    return {}


def inspect(case: Case, answers: Json) -> Json:
    """Keep what an announced visit found; of several that wait, the one that was asked for first."""
    visited_on = date.fromisoformat(answers["visited_on"])
    if visited_on > _today(case):
        raise invalid("visited_on", "ahead", "走访日期不能晚于今天。")
    found = {"visited_on": visited_on, "visited_by": _actor_id(case), "verdict": answers["verdict"]}
    waiting = (Visit.pairing_id == pairing_of(case).id, Visit.is_announced, Visit.verdict.is_(None))
    oldest = select(Visit.id).where(*waiting).order_by(Visit.id).limit(1).scalar_subquery()
    case.session.execute(update(Visit).where(Visit.id == oldest).values(**found, findings=answers["findings"]))
    return {}


def decide_outcome(case: Case, answers: Json) -> Json:
    """The city proposes commendation or interview; the province decides (S4 三（一）)."""
    if answers["recognition"] != "none":
        case.session.add(
            Recognition(
                pairing_id=pairing_of(case).id,
                kind=answers["recognition"],
                reason=answers["recognition_reason"],
                proposed_by=_actor_id(case),
                proposed_at=case.now,
            )
        )
        case.session.flush()
    return {}


_DECIDED = {"approve": "approved", "reject": "rejected", "return": "rejected"}


def decide_recognition(case: Case, answers: Json) -> Json:
    """Write the province's decision to what the city proposed."""
    values = {
        "status": _DECIDED[answers["outcome"]],
        "decided_by": _actor_id(case),
        "decided_at": case.now,
        "document_number": answers.get("document_number"),
    }
    open_one = (Recognition.pairing_id == pairing_of(case).id, Recognition.status == "proposed")
    case.session.execute(update(Recognition).where(*open_one).values(values))
    return {}


def hold_interview(case: Case, answers: Json) -> Json:
    """Keep what an interview came to."""
    if date.fromisoformat(answers["held_on"]) > _today(case):
        raise invalid("held_on", "ahead", "约谈日期不能晚于今天。")
    approved = (
        Recognition.pairing_id == pairing_of(case).id,
        Recognition.kind == "interview",
        Recognition.status == "approved",
    )
    record = f"{answers['held_on']} {answers['interviewees']}：{answers['record']}"
    case.session.execute(update(Recognition).where(*approved).values(status="held", record=record))
    return {}
