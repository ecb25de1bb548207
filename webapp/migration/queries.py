"""Read migrations: the list, the report of one with its reasons, its cases, and what may be chosen and mapped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, aliased, defer

from webapp.access import Actor
from webapp.accounts.models import User
from webapp.batches.models import Batch
from webapp.definitions.library import Published, get_published
from webapp.definitions.models import ProcessVersion
from webapp.instances import scope
from webapp.instances.models import Instance
from webapp.instances.queries import running_cases
from webapp.migration.models import CaseMigration, MigrationItem
from webapp.paging import Page, fetch_page
from webapp.problems import NotFound
from webapp.registry.models import Organisation, Region
from workflows.bpmn import Element
from workflows.routes import candidates, removed
from workflows.wording import type_word

_STOPS = frozenset({"userTask", "manualTask", "task", "receiveTask", "intermediateCatchEvent"})
PER_PAGE = 25
MOST_REASONS = 30


def chosen_in(session: Session, migration: CaseMigration) -> dict[str, str | None]:
    """What region and batch the cases were chosen by, in words."""
    chosen = migration.selection
    region = select(Region.name).where(Region.code == chosen.get("region"))
    batch = select(Batch.title).where(Batch.id == chosen.get("batch"))
    return {
        "region": session.scalar(region) if chosen.get("region") else None,
        "batch": session.scalar(batch) if chosen.get("batch") else None,
    }


def list_migrations(session: Session, process: str | None, page: int) -> Page:
    """One page of the migrations, newest first."""
    old, new, starter = aliased(ProcessVersion), aliased(ProcessVersion), aliased(User)
    query = (
        select(
            CaseMigration,
            old.version.label("old"),
            new.version.label("new"),
            new.name.label("name"),
            starter.name.label("creator"),
        )
        .join(old, old.id == CaseMigration.from_version_id)
        .join(new, new.id == CaseMigration.to_version_id)
        .join(starter, starter.id == CaseMigration.created_by)
        .order_by(CaseMigration.id.desc())
    )
    if process:
        query = query.where(CaseMigration.process == process)
    return fetch_page(session, query, page, PER_PAGE)


def get_migration(session: Session, migration_id: int) -> CaseMigration:
    """A migration.

    Raises:
        NotFound: there is none.
    """
    found = session.get(CaseMigration, migration_id)
    if found is None:
        raise NotFound
    return found


def counts_of(session: Session, migration_id: int) -> dict[str, int]:
    """How many cases there are: in all, of each outcome, and of those that wait of each verdict."""
    query = (
        select(MigrationItem.status, MigrationItem.verdict, func.count())
        .where(MigrationItem.migration_id == migration_id)
        .group_by(MigrationItem.status, MigrationItem.verdict)
    )
    found: dict[str, int] = {"all": 0}
    for status, verdict, count in session.execute(query):
        found["all"] += count
        found[status] = found.get(status, 0) + count
        if status in {"waiting", "refused"}:
            found[verdict] = found.get(verdict, 0) + count
    return found


_REASONS = text("""
    SELECT f->>'kind' AS kind, f->>'message' AS message, count(*) AS cases
    FROM case_migration_items m, jsonb_array_elements(m.findings) f
    WHERE m.migration_id = :migration AND m.status IN ('waiting', 'refused', 'kept')
    GROUP BY 1, 2 ORDER BY (f->>'kind') = 'note', 3 DESC, 2 LIMIT :most
""")


def reasons_of(session: Session, migration_id: int) -> Sequence[Any]:
    """What was found, each once with the number of cases, hindrances first."""
    return session.execute(_REASONS, {"migration": migration_id, "most": MOST_REASONS}).all()


def list_items(session: Session, actor: Actor, migration_id: int, which: str, page: int) -> Page:
    """One page of the cases of a migration that ``actor`` may see.

    Args:
        which: a verdict or an outcome; nothing for all.
    """
    query = (
        select(MigrationItem, Instance.id, Instance.number, Instance.title, Organisation.name.label("unit"))
        .join(Instance, Instance.id == MigrationItem.instance_id)
        .outerjoin(Organisation, Organisation.id == Instance.subject_id)
        .options(defer(MigrationItem.before))
        .where(MigrationItem.migration_id == migration_id, scope.visible(actor))
        .order_by(MigrationItem.instance_id)
    )
    if which in {"safe", "mapping", "impossible"}:
        left = MigrationItem.status.in_(("waiting", "refused"))
        query = query.where(MigrationItem.verdict == which, left)
    elif which:
        query = query.where(MigrationItem.status == which)
    return fetch_page(session, query, page, PER_PAGE)


def list_versions(session: Session, process: str) -> Sequence[Any]:
    """The versions of a process, newest first, with how many cases run on each."""
    columns = (ProcessVersion.id, ProcessVersion.version, ProcessVersion.name, ProcessVersion.is_current)
    running = running_cases(Instance.process_version_id == ProcessVersion.id)
    query = select(*columns, ProcessVersion.published_at, running.label("running"))
    return session.execute(query.where(ProcessVersion.process == process).order_by(ProcessVersion.version.desc())).all()


CURRENT = aliased(ProcessVersion)


def list_processes(session: Session) -> Sequence[Any]:
    """The processes that have more than one version, with the cases that do not run on the current one."""
    behind = (
        select(func.count())
        .select_from(Instance)
        .join(ProcessVersion, ProcessVersion.id == Instance.process_version_id)
        .where(ProcessVersion.process == CURRENT.process, ProcessVersion.id != CURRENT.id, Instance.ended_at.is_(None))
        .correlate(CURRENT)
        .scalar_subquery()
    )
    query = select(CURRENT.process, CURRENT.name, CURRENT.version, behind.label("behind"))
    return session.execute(query.where(CURRENT.is_current, CURRENT.version > 1).order_by(CURRENT.name)).all()


def stops_of(session: Session, versions: Sequence[int]) -> list[tuple[str, str]]:
    """Where cases of these versions can stand: id and name, newest version first."""
    found: dict[str, str] = {}
    for version_id in versions:
        published = get_published(session, version_id)
        for element in published.definition.catalogue.elements.values():
            if element.type in _STOPS:
                found.setdefault(element.id, f"{published.name_of(element.id)}（{element.id}）")
    return list(found.items())


@dataclass(frozen=True)
class Mapped:
    """An element that the new version has no more, and what it could correspond to there."""

    element: str
    name: str
    kind: str
    choices: list[tuple[str, str]]
    chosen: str
    is_suggested: bool
    """Whether ``chosen`` is what we propose and nobody has said yet."""


def mapping_of(old: Published, new: Published, mapping: Mapping[str, str]) -> list[Mapped]:
    """Everything that may have to be mapped between two versions, with suggestions."""
    return [_mapped(old, new, element, mapping) for element in removed(old.definition, new.definition)]


def _mapped(old: Published, new: Published, element: Element, mapping: Mapping[str, str]) -> Mapped:
    possible = candidates(old.definition, new.definition, element.id, mapping)
    choices = [(one.id, f"{one.name or one.id}（{one.id}）") for one in possible]
    same_name = [one.id for one in possible if one.name and one.name == element.name]
    chosen = mapping.get(element.id, same_name[0] if same_name else "")
    name = old.name_of(element.id)
    return Mapped(element.id, name, type_word(element), choices, chosen, bool(chosen) and element.id not in mapping)
