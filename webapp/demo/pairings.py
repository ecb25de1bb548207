"""A programme of pairing in which the made-up private units wait for a helper; the helpers are on the printed list."""

from datetime import timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from webapp import clock
from webapp.demo.places import CITY
from webapp.pairing.models import HelpedUnit, Programme
from webapp.pairing.rules import INDICATORS, TARGET_MONTHS, WEIGHTS

_WAITING = ("private", "private2", "private3", "private4", "private5", "private6", "private7", "private8")


def add_programme(session: Session, creator: int, playground: dict[str, int]) -> None:
    """Add the programme; nobody is paired yet, so that every step can be tried."""
    today, at = clock.today(), clock.real_now()
    programme = Programme(
        region_code=CITY,
        kind="assist",
        title=f"{today.year} 年非公单位结对帮创（演示）",
        source="豫文明办〔2021〕5号 二（四）",
        report_on=today + timedelta(days=60),
        silent_days=45,
        target_months=dict(TARGET_MONTHS),
        weights=dict(WEIGHTS),
        indicators=[dict(row) for row in INDICATORS],
        created_by=creator,
        created_at=at,
    )
    session.add(programme)
    session.flush()
    rows = [
        {
            "programme_id": programme.id,
            "organisation_id": playground[key],
            "target_honour": "city",
            "origin": "city",
            "named_by": creator,
            "named_at": at,
        }
        for key in _WAITING
    ]
    session.execute(insert(HelpedUnit), rows)
