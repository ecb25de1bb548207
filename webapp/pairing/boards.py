"""How the pairs of a region stand: per place below it and altogether, and who has no partner."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.access import Actor, in_subtree
from webapp.pairing import parties
from webapp.pairing.models import (
    Pairing,
    Programme,
)
from webapp.pairing.queries import is_silent
from webapp.pairing.rules import KINDS
from webapp.problems import NotFound
from webapp.registry.models import Region


@dataclass(frozen=True)
class Board:
    """How the pairs of a region stand: per place below it, and altogether."""

    places: list[Any]
    totals: Mapping[str, int]
    without_partner: Mapping[str, int]
    """Kind of pairing → how many who owe a pair have none."""


_COUNTS = ("confirmed", "active", "silent", "overdue", "ended", "reached", "milestones", "milestones_done")


def board(session: Session, path: str, today: date, kind: str = "") -> Board:
    """The board of a region that lies within the actor's reach: two statements and one per kind.

    Args:
        path: path of the region.
    """
    own = path.split("/")
    below = func.split_part(Pairing.helped_path, "/", len(own) + 1)
    place = func.coalesce(func.nullif(below, ""), own[-1])
    live = Pairing.status.in_(parties.LIVE)
    counts = (
        select(
            place.label("code"),
            func.count().filter(Pairing.status == "confirmed").label("confirmed"),
            func.count().filter(Pairing.status == "active").label("active"),
            func.count().filter(is_silent(today)).label("silent"),
            func.count().filter((Pairing.status == "active") & (Pairing.target_on < today)).label("overdue"),
            func.count().filter(Pairing.status == "ended").label("ended"),
            func.count().filter(Pairing.outcome == "target_reached").label("reached"),
            func.coalesce(func.sum(Pairing.milestones).filter(live), 0).label("milestones"),
            func.coalesce(func.sum(Pairing.milestones_done).filter(live), 0).label("milestones_done"),
        )
        .join(Programme, Programme.id == Pairing.programme_id)
        .where(Pairing.status.in_(("confirmed", "active", "ended")), in_subtree(Pairing.helped_path, path))
        .group_by("code")
    )
    found = (counts.where(Pairing.kind == kind) if kind else counts).subquery()
    query = select(found, Region.name).outerjoin(Region, Region.code == found.c.code).order_by(found.c.code)
    places = list(session.execute(query))
    kinds = [KINDS[kind]] if kind else list(KINDS.values())
    free = {k.code: parties.count_free_helpers(session, k, path) for k in kinds if k.offices_help}
    totals = {name: sum(int(getattr(row, name)) for row in places) for name in _COUNTS}
    return Board(places, totals, free)


def region_in_reach(session: Session, actor: Actor, code: str) -> Region:
    """A region within the actor's subtree; their own where none is named."""
    wanted = code or actor.region_code or ""
    region = session.scalar(select(Region).where(Region.code == wanted, in_subtree(Region.path, actor.region_path)))
    if region is None:
        raise NotFound("没有这个地区，或它不在您的管辖范围内。")
    return region
