"""Choose running cases of a version: by where they stand, by region and batch, or one by one by their numbers."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, exists, insert, literal, select
from sqlalchemy.orm import Session

from webapp.access import Actor, in_subtree
from webapp.definitions.library import Published
from webapp.instances import scope
from webapp.instances.models import Instance, Wait
from webapp.migration.models import MigrationItem
from webapp.problems import InputError, Invalid, invalid
from webapp.registry.models import Region
from webapp.tasks.models import Task

MOST_NUMBERS = 2000
_SEPARATORS = re.compile(r"[\s,，、;；]+")


def choose(session: Session, actor: Actor, version: Published, selection: Mapping[str, Any]) -> Select[Any]:
    """The chosen running cases of a version that ``actor`` may see, as a query of their ids.

    Args:
        selection: of ``step`` (an element), ``region`` (a code), ``batch`` (an id) and ``numbers`` (a text) what is
            wanted; numbers alone decide where there are any.

    Raises:
        Invalid: a number that is none of a running case of this version, or something that does not exist.
    """
    query = select(Instance.id).where(
        Instance.process_version_id == version.id, Instance.ended_at.is_(None), scope.visible(actor)
    )
    if selection.get("numbers"):
        return query.where(Instance.id.in_(_by_numbers(session, query, str(selection["numbers"]))))
    if step := selection.get("step"):
        if step not in version.definition.catalogue.elements:
            raise invalid("step", "unknown", f"v{version.version} 没有“{step}”这个环节。")
        query = query.where(_stands_at(step))
    if region := selection.get("region"):
        path = session.scalar(select(Region.path).where(Region.code == region))
        if path is None:
            raise invalid("region", "unknown", f"没有代码为“{region}”的地区。")
        query = query.where(in_subtree(Instance.region_path, path))
    if batch := selection.get("batch"):
        query = query.where(Instance.batch_id == batch)
    return query


def _stands_at(step: str) -> Any:
    is_open = Task.status.in_(("open", "suspended"))
    at_task = exists().where(Task.instance_id == Instance.id, Task.element == step, is_open)
    return at_task | exists().where(Wait.instance_id == Instance.id, Wait.element == step)


def _by_numbers(session: Session, among: Select[Any], typed: str) -> list[int]:
    numbers = list(dict.fromkeys(part for part in _SEPARATORS.split(typed.strip()) if part))
    if len(numbers) > MOST_NUMBERS:
        raise invalid("numbers", "too_many", f"一次最多列出 {MOST_NUMBERS} 个编号；更多的请用条件筛选。")
    rows = session.execute(among.with_only_columns(Instance.number, Instance.id).where(Instance.number.in_(numbers)))
    known = {number: key for number, key in rows}
    unknown = [number for number in numbers if number not in known]
    if unknown:
        words = f"下列编号不是这个版本上正在办理的办件，或不在您的管辖范围：{'、'.join(unknown[:10])}"
        more = f" 等 {len(unknown)} 个" if len(unknown) > 10 else ""
        raise Invalid([InputError("numbers", "unknown", f"{words}{more}。")])
    return list(known.values())


def take_in(session: Session, migration_id: int, chosen: Select[Any]) -> int:
    """Make the chosen cases the items of a migration; returns how many there are."""
    columns = ["migration_id", "instance_id", "verdict", "status", "steps", "findings"]
    start = [literal(migration_id), Instance.id, literal("unchecked"), literal("waiting"), literal("")]
    rows = chosen.with_only_columns(*start, literal([], MigrationItem.findings.type))
    found = session.execute(insert(MigrationItem).from_select(columns, rows).returning(MigrationItem.instance_id))
    return len(found.all())
