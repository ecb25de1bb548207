"""The place of a declaration under the caps of its batch: taken on submission, used on approval, given back else.

Where no place is left, the plan says whether the submission is refused or goes on as 候补; who goes on so tries
again after the assessment, and an officer decides where there is still none. Each act may run again without harm:
a case never holds two places.
"""

from collections.abc import Sequence

from sqlalchemy import ScalarSelect, or_, select

from webapp.batches.models import Batch
from webapp.declaration.notifications import tell_placed, tell_waitlisted
from webapp.instances.processes import Case
from webapp.problems import invalid
from webapp.quotas import claims
from webapp.quotas.models import QuotaPlan
from webapp.quotas.queries import say_full

_WAITING = frozenset({"waitlisted", "full"})
"""What the place of a case was called before, where it had none."""


def take_place(case: Case, unit: int, batch: int, honour: str, region: str | None, city_direct: bool) -> str:
    """Take a place for a declaration that is submitted.

    Returns:
        ``reserved`` or ``waitlisted``.

    Raises:
        Invalid: no place is left, and a plan that is used up lets nobody wait.
    """
    full = _take(case, "take_place", unit, batch, honour, region, city_direct=city_direct)
    if not full:
        return "reserved"
    blocking = next((row for row in full if row.blocks), None)
    if blocking is not None:
        words = say_full(case.session, blocking.quota_id)
        raise invalid("outcome", "quota_full", f"名额已满，按设置不再受理，材料已保留，可待名额腾出后再提交。{words}")
    words = f"名额已满，列为候补；测评通过时如有名额腾出即占用。{say_full(case.session, full[0].quota_id)}"
    case.note("take_place", words)
    case.remark(words)
    tell_waitlisted(case, unit, words)
    return "waitlisted"


def reserve_quota(case: Case, unit: int, batch: int, honour: str, region: str | None, city_direct: bool) -> str:
    """Take a place for a declaration that has passed its assessment and does not hold one.

    Returns:
        ``reserved`` or ``full``.
    """
    full = _take(case, "reserve_quota", unit, batch, honour, region, city_direct=city_direct)
    if full:
        case.note("reserve_quota", f"名额已满，未占用名额。{say_full(case.session, full[0].quota_id)}")
        return "full"
    if case.data.get("quota") in _WAITING:
        tell_placed(case, unit)
    return "reserved"


def _take(
    case: Case, element: str, unit: int, batch: int, honour: str, region: str | None, *, city_direct: bool
) -> Sequence[claims.Full]:
    """A place in every row that covers the case, or in none; returns what is used up."""
    session = case.session
    if claims.has_claim(session, case.instance_id, unit):
        return []
    regions = [code for code in (case.data.get("city_region"), None if city_direct else region) if code]
    plans = or_(QuotaPlan.batch_id == batch, QuotaPlan.id == _allotment(batch))
    quotas = claims.find_places(session, plans, honour, regions, unit)
    if not quotas:
        case.note(element, "本批次对这项荣誉没有名额限制。")
        return []
    taking = claims.take(session, case.instance_id, unit, quotas)
    if not taking.full:
        over = f"超出指标，不影响办理。{say_full(session, taking.exceeded[0])}" if taking.exceeded else ""
        case.note(element, f"已占用 1 个名额。{over}")
    return taking.full


def _allotment(batch: int) -> ScalarSelect[int | None]:
    return select(Batch.allotment_id).where(Batch.id == batch).scalar_subquery()


def give_back(case: Case) -> None:
    """Undo :func:`take_place`, where the person takes the submission back; a place held from before stays."""
    if case.data.get("quota") != "reserved":
        claims.release(case.session, case.instance_id)
