"""Read calls, lists and nominees: what a person may see, how far the counties are, who was approved."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import in_subtree
from webapp.nominations.models import NominationCall, Nominee
from webapp.registry.models import Organisation, Region


def list_approved_nominees(session: Session, region_path: str, call_id: int | None = None) -> Sequence[Any]:
    """The approved nominees of a region's subtree, newest call first, then by the city's ranking.

    Args:
        region_path: path of a city, county or province; nominees of all counties below it.
        call_id: only those of one call.

    Returns:
        Rows with ``nominee_id``, ``unit_id``, ``unit``, ``uscc``, ``sector``, ``county_code``, ``county``,
        ``region_path`` (of the county), ``kind``, ``honour_code``, ``rank``, ``call_id`` and ``decided_at``.
    """
    query = (
        select(
            Nominee.id.label("nominee_id"),
            Nominee.organisation_id.label("unit_id"),
            Organisation.name.label("unit"),
            Organisation.uscc,
            Organisation.sector,
            Nominee.county_code,
            Region.name.label("county"),
            Region.path.label("region_path"),
            Nominee.kind,
            Nominee.honour_code,
            Nominee.rank,
            Nominee.call_id,
            Nominee.decided_at,
        )
        .join(Organisation, Organisation.id == Nominee.organisation_id)
        .join(Region, Region.code == Nominee.county_code)
        .join(NominationCall, NominationCall.id == Nominee.call_id)
        .where(Nominee.status == "approved", in_subtree(Region.path, region_path))
        .order_by(Nominee.call_id.desc(), Nominee.rank.nulls_last(), Nominee.id)
    )
    return session.execute(query if call_id is None else query.where(Nominee.call_id == call_id)).all()
