"""Compute the figures of a version anew; what is quick to compute is fresh on every page, the rest a worker's."""

import time
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp import clock
from webapp.background.deferral import defer
from webapp.heatmap.models import HeatSummary

REFRESH = "heatmap.compute"
FRESH = timedelta(seconds=30)
_QUICK = 250
"""Milliseconds that a page may spend on it."""
_FEW = 3000
"""So many cases are counted on the page when nothing was ever computed."""
_PATIENCE = 100
"""Figures may be so many times older than they took to compute."""

_ALL = "instances"
_LATEST = """(SELECT id, way, process_version_id FROM instances WHERE process_version_id = :version
    ORDER BY id DESC LIMIT :few)"""
_WAYS = """
    SELECT COALESCE(jsonb_object_agg(key, jsonb_build_array(passes, cases)), '{}') FROM (
        SELECT w.key, sum(w.value::integer) AS passes, count(*) AS cases
        FROM %s i, jsonb_each_text(i.way) w WHERE i.process_version_id = :version GROUP BY w.key
    ) found
"""
_STEPS = """
    SELECT COALESCE(jsonb_object_agg(element, jsonb_build_object(
        'done', done, 'open', waiting, 'mean', mean, 'half', spread[1], 'most', spread[2], 'oldest', oldest)), '{}')
    FROM (
        SELECT t.element, count(*) FILTER (WHERE t.status = 'done') AS done,
            count(*) FILTER (WHERE t.closed_at IS NULL) AS waiting,
            round(avg(extract(epoch FROM t.closed_at - t.opened_at)) FILTER (WHERE t.status = 'done')) AS mean,
            percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (
                ORDER BY round(extract(epoch FROM t.closed_at - t.opened_at))
            ) FILTER (WHERE t.status = 'done') AS spread,
            round(extract(epoch FROM CAST(:now AS timestamptz) - min(t.opened_at) FILTER (WHERE t.closed_at IS NULL)))
                AS oldest
        FROM %s i JOIN tasks t ON t.instance_id = i.id WHERE i.process_version_id = :version GROUP BY t.element
    ) found
"""
_CASES = text("""
    SELECT count(*) AS cases, count(*) FILTER (WHERE ended_at IS NULL) AS running
    FROM instances WHERE process_version_id = :version
""")
_MORE_THAN_FEW = text("SELECT count(*) FROM (SELECT FROM instances WHERE process_version_id = :version LIMIT :few) f")


def compute(session: Session, now: datetime, version_id: int) -> HeatSummary:
    """Compute the figures of a version and keep them."""
    began = time.monotonic()
    values = {"version": version_id, "now": now}
    counts = session.execute(_CASES, values).one()
    found = {
        "version_id": version_id,
        "computed_at": clock.real_now(),
        "cases": counts.cases,
        "running": counts.running,
        "ways": session.scalar(text(_WAYS % _ALL), values),
        "steps": session.scalar(text(_STEPS % _ALL), values),
    }
    found["milliseconds"] = round(1000 * (time.monotonic() - began))
    statement = insert(HeatSummary).values(found)
    session.execute(statement.on_conflict_do_update(index_elements=[HeatSummary.version_id], set_=found))
    return session.get_one(HeatSummary, version_id, populate_existing=True)


def figures_of(session: Session, now: datetime, version_id: int) -> HeatSummary | None:
    """The figures of a version, as fresh as their price allows; ``None`` while they are computed for the first time."""
    known = session.get(HeatSummary, version_id)
    if known is None:
        if (session.scalar(_MORE_THAN_FEW, {"version": version_id, "few": _FEW}) or 0) < _FEW:
            return compute(session, now, version_id)
        _let_compute(session, version_id)
        return None
    if clock.real_now() - known.computed_at < max(FRESH, timedelta(milliseconds=_PATIENCE * known.milliseconds)):
        return known
    if known.milliseconds < _QUICK:
        return compute(session, now, version_id)
    _let_compute(session, version_id)
    return known


def latest_of(session: Session, now: datetime, version_id: int) -> HeatSummary:
    """The figures of the latest cases alone, to look at until a worker has counted all; not kept."""
    values = {"version": version_id, "now": now, "few": _FEW}
    counts = session.execute(_CASES, values).one()
    return HeatSummary(
        version_id=version_id,
        computed_at=clock.real_now(),
        cases=min(counts.cases, _FEW),
        running=counts.running,
        ways=session.scalar(text(_WAYS % _LATEST), values),
        steps=session.scalar(text(_STEPS % _LATEST), values),
    )


_WAITING = text("SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'todo' AND lock = :lock)")


def _let_compute(session: Session, version_id: int) -> None:
    lock = f"heatmap-{version_id}"
    if not session.scalar(_WAITING, {"lock": lock}):
        defer(session, REFRESH, {"version_id": version_id}, lock=lock)
