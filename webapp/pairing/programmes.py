"""Set up and change the programme of a region; its settings as the answers of their form."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import Actor, lies_in
from webapp.audit.operations import record
from webapp.pairing.models import Programme
from webapp.pairing.rules import (
    INDICATORS,
    TARGET_MONTHS,
    WEIGHTS,
)
from webapp.problems import Forbidden, NotFound, invalid
from webapp.registry.models import Region


def open_programme(session: Session, actor: Actor, now: datetime, answers: Mapping[str, Any]) -> Programme:
    """Set up a programme for the actor's region.

    Args:
        answers: of ``forms/pairing_programmes/programme.form``, checked.
    """
    programme = Programme(region_code=actor.region_code, created_by=actor.user_id, created_at=now)
    _fill(programme, answers)
    session.add(programme)
    session.flush()
    record(session, actor, "pairing.open_programme", subject=f"programme:{programme.id}", after=dict(answers))
    return programme


def change_programme(session: Session, actor: Actor, programme_id: int, answers: Mapping[str, Any]) -> Programme:
    """Change the settings of a programme; its kind stays once units were named.

    Raises:
        NotFound, Forbidden: see :func:`own_programme`.
        Invalid: the kind would change.
    """
    programme = own_programme(session, actor, programme_id, lock=True)
    if answers["kind"] != programme.kind:
        raise invalid("kind", "fixed", "结对种类在方案设立后不能更改，请另设方案。")
    _fill(programme, answers)
    session.flush()
    record(session, actor, "pairing.change_programme", subject=f"programme:{programme.id}", after=dict(answers))
    return programme


def _fill(programme: Programme, answers: Mapping[str, Any]) -> None:
    programme.kind = answers["kind"]
    programme.title = answers["title"]
    programme.source = answers["source"]
    programme.report_on = date.fromisoformat(answers["report_on"])
    programme.silent_days = int(answers["silent_days"])
    months = {"city": "city_months", "provincial": "provincial_months", "national": "national_months"}
    programme.target_months = {
        code: int(answers[months[_level_of(code)]]) for code in TARGET_MONTHS if _level_of(code) in months
    }
    programme.weights = {part: float(answers[f"{part}_weight"]) for part in WEIGHTS}
    if sum(programme.weights.values()) <= 0:
        raise invalid("sector_weight", "zero", "四项权重不能都是 0，否则无法比较。")
    programme.indicators = [dict(row) for row in answers.get("indicators") or INDICATORS]


def _level_of(code: str) -> str:
    return {"county": "city", "city_model": "city", "provincial_model": "provincial"}.get(code, code)


def answers_of(programme: Programme) -> dict[str, Any]:
    """The settings of a programme as the answers of its form."""
    months = programme.target_months
    return {
        "kind": programme.kind,
        "title": programme.title,
        "source": programme.source,
        "report_on": programme.report_on.isoformat(),
        "silent_days": programme.silent_days,
        "city_months": months["city"],
        "provincial_months": months["provincial"],
        "national_months": months["national"],
        **{f"{part}_weight": weight for part, weight in programme.weights.items()},
        "indicators": list(programme.indicators),
    }


def own_programme(session: Session, actor: Actor, programme_id: int, *, lock: bool = False) -> Programme:
    """A programme that the actor may change: that of their own region.

    Raises:
        NotFound: there is none within reach.
        Forbidden: it is another office's.
    """
    query = select(Programme, Region.path).join(Region, Region.code == Programme.region_code)
    row = session.execute(query.where(Programme.id == programme_id)).one_or_none()
    if row is None or not (lies_in(row.path, actor.region_path) or lies_in(actor.region_path, row.path)):
        raise NotFound
    if row.Programme.region_code != actor.region_code:
        raise Forbidden("只有设立这个方案的文明办可以办理它的结对。")
    if lock:
        session.refresh(row.Programme, with_for_update=True)
    return row.Programme  # type: ignore[no-any-return]
