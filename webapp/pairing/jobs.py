"""What workers do for pairing: compute matchings with their progress, and remind of months that nobody logged."""

from datetime import timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.background.registry import periodic, task
from webapp.database import transaction
from webapp.pairing import parties
from webapp.pairing.matching import Matching, match
from webapp.pairing.models import MatchingRun, Pairing, Programme
from webapp.pairing.proposing import MATCH, pair_columns
from webapp.pairing.reminding import remind_missing_months
from webapp.pairing.rules import KINDS
from webapp.registry.models import Region


@task(MATCH, attempts=2)
def compute_matching(run: int) -> None:
    """Compute one matching; how far it is can be read all the time. A second run of the same does no harm."""
    try:
        with transaction() as session:
            programme = _begun(session, run)
        if programme is not None:
            _compute(run, programme)
    except Exception:
        _tell(run, status="failed", step="计算没有完成，请重试；仍不成功的，请联系管理员。", ended_at=clock.now())
        raise


def _begun(session: Session, run_id: int) -> Programme | None:
    run = session.get(MatchingRun, run_id, with_for_update=True)
    if run is None or run.status == "done":
        return None
    run.status, run.progress, run.step, run.ended_at = "running", 1, "读取帮创单位和被帮单位", None
    return session.get_one(Programme, run.programme_id)


def _tell(run: int, **values: object) -> None:
    with transaction() as session:
        session.execute(update(MatchingRun).where(MatchingRun.id == run).values(**values))


def _compute(run: int, programme: Programme) -> None:
    kind = KINDS[programme.kind]
    with transaction() as session:
        path = session.scalar(select(Region.path).where(Region.code == programme.region_code)) or ""
        kept = _kept(session, programme.id)
        helpers = parties.list_free_helpers(session, kind, path, without={p.helper_id for p in kept})
        helped = parties.list_waiting_units(session, programme, without={p.helped_id for p in kept})
        excluded = parties.refused_before(session, programme.id)
    said = {"percent": 0}

    def told(percent: int, words: str) -> None:
        if percent - said["percent"] >= 5:
            said["percent"] = percent
            _tell(run, progress=percent, step=words)

    found = match(kind, helpers, helped, programme.weights, excluded, told)
    with transaction() as session:
        _write(session, run, programme, found)


def _kept(session: Session, programme_id: int) -> list[Pairing]:
    """Proposals that a person pinned or made: no matching touches them."""
    query = select(Pairing).where(Pairing.programme_id == programme_id, Pairing.status == "proposed")
    return list(session.scalars(query.where((Pairing.is_pinned) | (Pairing.origin == "person"))))


def _write(session: Session, run: int, programme: Programme, found: Matching) -> None:
    """Replace what the machine proposed before; what somebody pinned or paired meanwhile stays."""
    mine = (Pairing.programme_id == programme.id, Pairing.status == "proposed")
    session.execute(delete(Pairing).where(*mine, Pairing.origin == "machine", Pairing.is_pinned.is_(False)))
    kept = _kept(session, programme.id)
    taken = {p.helper_id for p in kept}, {p.helped_id for p in kept}
    targets, now = parties.targets_of(session, programme.id), clock.now()
    rows = [
        pair_columns(programme, helper, helped, targets[helped.id]) | {"origin": "machine", "proposed_at": now}
        for helper, helped in found.pairs
        if helper.id not in taken[0] and helped.id not in taken[1] and helped.id in targets
    ]
    if rows:
        session.execute(insert(Pairing), rows)
    rest = [
        {"side": one.side, "id": one.party.id, "name": one.party.name, "reasons": list(one.reasons)}
        for one in found.rest
    ]
    done = {"status": "done", "progress": 100, "step": None, "pairs": len(rows), "rest": rest, "ended_at": now}
    session.execute(update(MatchingRun).where(MatchingRun.id == run).values(done))


@periodic("pairing.remind", every=timedelta(minutes=10))
def remind_of_missing_months() -> None:
    """Tell both sides of a month that nobody logged, and their counties when it is still missing ten days later."""
    with transaction() as session:
        remind_missing_months(session, clock.now())
