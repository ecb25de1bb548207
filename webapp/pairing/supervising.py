"""What offices do with pairs that work: visits, ending one early, the list to the province, the handbook."""

from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.clock import SHANGHAI
from webapp.instances.operations import send_message
from webapp.pairing.models import Handbook, Pairing, Programme, Visit
from webapp.pairing.programmes import own_programme
from webapp.pairing.queries import get_row
from webapp.pairing.rules import REPORTING
from webapp.problems import Conflict, Forbidden, InputError, Invalid, invalid

VERDICTS = {"real": "帮创真实有效", "weak": "有开展，效果不明显", "sham": "做样子、走过场"}


def _working(session: Session, actor: Actor, pairing_id: int, today: date) -> Pairing:
    pairing: Pairing = get_row(session, actor, pairing_id, today).Pairing
    session.refresh(pairing, with_for_update=True)
    if pairing.helper_id == actor.organisation_id:
        raise Forbidden("本单位承担的帮创由上级文明办督导，不能自己督导自己。")
    return pairing


def ask_visit(session: Session, actor: Actor, now: datetime, pairing_id: int, purpose: str) -> Visit:
    """Announce a visit (明察): it becomes a task of the office in charge, and both sides see it (S4 三（二）).

    Raises:
        Conflict: the pair is not at work.
        Invalid: nothing says what it is for.
    """
    pairing = _at_work(_working(session, actor, pairing_id, now.astimezone(SHANGHAI).date()))
    if not purpose.strip():
        raise invalid("purpose", "required", "请写明督导的目的，例如“了解企业需要，查看台账”。")
    visit = Visit(
        pairing_id=pairing.id, is_announced=True, purpose=purpose.strip(), asked_by=actor.user_id, asked_at=now
    )
    session.add(visit)
    session.flush()
    _send(session, now, pairing, visit, "ahead")
    after = {"visit": visit.id, "announced": True}
    record(session, actor, "pairing.visit", subject=f"pairing:{pairing.id}", after=after)
    return visit


def file_visit(
    session: Session, actor: Actor, now: datetime, pairing_id: int, visited_on: str, verdict: str, findings: str
) -> Visit:
    """File an unannounced visit (暗访) once it was made: nobody of the pair saw it coming (S4 三（二）)."""
    today = now.astimezone(SHANGHAI).date()
    pairing = _at_work(_working(session, actor, pairing_id, today))
    day = _checked_visit(visited_on, verdict, findings, today)
    visit = Visit(
        pairing_id=pairing.id,
        is_announced=False,
        purpose="暗访",
        asked_by=actor.user_id,
        asked_at=now,
        visited_on=day,
        visited_by=actor.user_id,
        findings=findings.strip(),
        verdict=verdict,
    )
    session.add(visit)
    session.flush()
    _send(session, now, pairing, visit, "done")
    after = {"visit": visit.id, "announced": False, "verdict": verdict}
    record(session, actor, "pairing.visit", subject=f"pairing:{pairing.id}", after=after)
    return visit


def _checked_visit(visited_on: str, verdict: str, findings: str, today: date) -> date:
    errors = []
    try:
        day = date.fromisoformat(visited_on)
    except ValueError:
        day = today
        errors.append(InputError("visited_on", "date", "请填写走访日期，如 2021-06-18。"))
    if day > today:
        errors.append(InputError("visited_on", "ahead", "走访日期不能晚于今天。"))
    if verdict not in VERDICTS:
        errors.append(InputError("verdict", "unknown", f"请选择判断：{'、'.join(VERDICTS.values())}。"))
    if not findings.strip():
        errors.append(InputError("findings", "required", "请写明看到的情况和发现的问题。"))
    if errors:
        raise Invalid(errors)
    return day


def _at_work(pairing: Pairing) -> Pairing:
    if pairing.status != "active":
        raise Conflict("这一对现在不在实施中，不能安排督导。")
    return pairing


def _send(session: Session, now: datetime, pairing: Pairing, visit: Visit, state: str) -> None:
    assert pairing.instance_id is not None  # noqa: S101 (a pair at work has its case)
    send_message(session, now, pairing.instance_id, "supervision", {"visit_id": visit.id, "visit_state": state})


def end_early(session: Session, actor: Actor, now: datetime, pairing_id: int, outcome: str, reason: str) -> Pairing:
    """End a confirmed pair before its time: to be matched anew, or for good.

    Raises:
        Conflict: it has ended already.
        Invalid: no such outcome, or no reason.
    """
    errors = []
    if outcome not in {"rematched", "ended"}:
        errors.append(InputError("outcome", "unknown", "请选择重新匹配（rematched）或结束（ended）。"))
    if not reason.strip():
        errors.append(InputError("reason", "required", "请写明中止的原因，双方都会看到。"))
    if errors:
        raise Invalid(errors)
    pairing: Pairing = get_row(session, actor, pairing_id, now.astimezone(SHANGHAI).date()).Pairing
    own_programme(session, actor, pairing.programme_id)
    session.refresh(pairing)
    if pairing.status not in {"confirmed", "active"} or pairing.instance_id is None:
        raise Conflict("这一对已经结束，或还没有确认，不能中止。")
    if not send_message(session, now, pairing.instance_id, "pairing_ending", {"pairing_outcome": outcome}):
        raise Conflict("这一对的办件已办结或已挂起，现在不能中止。请打开办件查看。")
    after = {"outcome": outcome, "reason": reason.strip()}
    record(session, actor, "pairing.end", subject=f"pairing:{pairing.id}", instance_id=pairing.instance_id, after=after)
    session.refresh(pairing)
    return pairing


def report_list(session: Session, actor: Actor, now: datetime, programme_id: int) -> Programme:
    """Note that the list of helpers went to the province (S4 三（二）); late is noted as late, never refused.

    Raises:
        Conflict: it was reported before.
    """
    programme = own_programme(session, actor, programme_id, lock=True)
    if programme.reported_at is not None:
        when = programme.reported_at.astimezone(SHANGHAI)
        raise Conflict(f"名单已于 {when:%Y-%m-%d %H:%M} 登记上报，不必重复登记（依据：{REPORTING}）。")
    programme.reported_at, programme.reported_by = now, actor.user_id
    session.flush()
    record(session, actor, "pairing.report", subject=f"programme:{programme.id}")
    return programme


def save_handbook(session: Session, actor: Actor, now: datetime, text: str) -> None:
    """Write the handbook of the actor's region.

    Raises:
        Invalid: it is empty or too long.
    """
    if not text.strip():
        raise invalid("text", "required", "手册不能是空的。")
    if len(text) > 20_000:
        raise invalid("text", "too_long", "手册最多 20000 字。")
    values = {"text": text.strip(), "changed_by": actor.user_id, "changed_at": now}
    row = insert(Handbook).values(region_code=actor.region_code, **values)
    session.execute(row.on_conflict_do_update(index_elements=["region_code"], set_=values))
    record(session, actor, "pairing.handbook", subject=f"region:{actor.region_code}")
