"""Who is told when a step is late: the leader of those who should act, then the offices above, level by level.

A person may have a leader of their own, who comes first. The tree of regions says which office is above, unless an
organisation names its superior.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import text
from sqlalchemy.orm import Session

_CHAIN = text("""
    WITH RECURSIVE chain AS (
        SELECT o.id, o.name, o.kind, o.region_code, o.superior_id, 0 AS depth, ARRAY[o.id] AS seen
        FROM organisations o WHERE o.id = :organisation
        UNION ALL
        SELECT p.id, p.name, p.kind, p.region_code, p.superior_id, c.depth + 1, c.seen || p.id
        FROM chain c CROSS JOIN LATERAL (
            SELECT o.* FROM organisations o WHERE o.id = COALESCE(c.superior_id, (
                SELECT above.id FROM regions r
                JOIN organisations above ON above.kind = 'office'
                    AND above.region_code = ANY(string_to_array(r.path, '/'))
                JOIN regions place ON place.code = above.region_code
                WHERE r.code = c.region_code AND (c.kind <> 'office' OR above.region_code <> c.region_code)
                ORDER BY length(place.path) DESC LIMIT 1
            ))
        ) p WHERE p.id <> ALL(c.seen) AND c.depth < 6
    )
    SELECT -1 AS depth, o.name AS organisation, u.id, u.name, u.username, true AS leads
    FROM users h JOIN users u ON u.id = h.leader_id AND u.disabled_at IS NULL
    JOIN organisations o ON o.id = u.organisation_id
    WHERE h.id = ANY(:holders) AND u.id <> ALL(:holders) AND o.id IS DISTINCT FROM CAST(:excluded AS integer)
    UNION ALL
    SELECT c.depth, c.name AS organisation, u.id, u.name, u.username, u.roles && :leaders AS leads
    FROM chain c JOIN users u ON u.organisation_id = c.id AND u.disabled_at IS NULL
    WHERE u.roles && (CASE WHEN c.depth > 0 AND c.kind = 'office' THEN CAST(:office AS text[]) ELSE :leaders END)
        AND u.id <> ALL(:holders) AND c.id IS DISTINCT FROM CAST(:excluded AS integer)
    ORDER BY depth, id
""")
_LEADERS = ["unit_leader", "city_leader"]
_OFFICE = ["county_reviewer", "city_reviewer", "city_leader", "provincial_officer"]


@dataclass(frozen=True)
class Superiors:
    """The people of one level and why they are told; nobody where there is no level left."""

    people: tuple[Any, ...]
    organisation: str
    why: str

    @property
    def ids(self) -> list[int]:
        return [person.id for person in self.people]

    @property
    def names(self) -> str:
        return "、".join(person.name for person in self.people)


def find_superiors(
    session: Session, organisation: int | None, number: int, holders: Sequence[int], excluded: int | None = None
) -> Superiors:
    """Whom escalation ``number`` (from 0) reaches: each climbs one level, the highest is told again and again.

    Args:
        organisation: of those who should act.
        holders: who should act; they are not their own superiors.
        excluded: the unit under review, which is not told about the work on itself.
    """
    if organisation is None and not holders:
        return Superiors((), "", _("该环节没有办理单位"))
    values = {"organisation": organisation, "holders": list(holders), "excluded": excluded}
    rows = session.execute(_CHAIN, values | {"leaders": _LEADERS, "office": _OFFICE}).all()
    levels = sorted({row.depth for row in rows})
    if not levels:
        return Superiors((), "", _("该单位及其上级文明办都没有可以通知的负责人"))
    depth = levels[min(number, len(levels) - 1)]
    found = [row for row in rows if row.depth == depth]
    people = tuple([row for row in found if row.leads] or found)
    return Superiors(people, people[0].organisation, _why(depth, people[0].organisation))


def _why(depth: int, name: str) -> str:
    if depth < 0:
        said = _("您是该环节办理人的负责人")
    elif depth == 0:
        said = _("您是办理单位%(name)s的负责人", name=name)
    else:
        said = _("您所在的%(name)s是办理单位的上级", name=name)
    return str(said)
