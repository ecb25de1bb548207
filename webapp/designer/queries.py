"""Read the folder of processes, one draft with its editor and comments, what waits to be published."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from webapp.accounts.models import User
from webapp.definitions.models import ProcessVersion
from webapp.designer.models import DesignSettings, DraftComment, ProcessDraft, Publication
from webapp.instances.models import Instance
from webapp.instances.queries import running_cases
from webapp.problems import NotFound
from workflows.catalogue import read_catalogue
from workflows.comparison import Change, compare
from workflows.safe_xml import parse_xml

MOST_COMMENTS = 200


def list_processes(session: Session) -> Sequence[Any]:
    """Every process with its current version, its draft and its running cases, those ``behind`` it apart, by name.

    ``waiting_version`` is the newest version that an update of the program brought and that is not in force.
    """
    published, editor = _in_force().subquery(), aliased(User)
    query = (
        select(
            published,
            func.coalesce(published.c.process, ProcessDraft.process).label("key"),
            func.coalesce(published.c.name, ProcessDraft.name).label("title"),
            ProcessDraft.base_version,
            ProcessDraft.revision,
            ProcessDraft.saved_at,
            ProcessDraft.editor_id,
            ProcessDraft.seen_at,
            editor.name.label("editor"),
        )
        .select_from(published)
        .join(ProcessDraft, ProcessDraft.process == published.c.process, full=True)
        .outerjoin(editor, editor.id == ProcessDraft.editor_id)
        .order_by("title", "key")
    )
    return session.execute(query).all()


def _in_force() -> Select[Any]:
    """The current version of each process with its publisher."""
    of_process = Instance.process == ProcessVersion.process
    running = running_cases(of_process)
    behind = running_cases(of_process, Instance.process_version_id != ProcessVersion.id)
    newer = aliased(ProcessVersion)
    brought = (
        select(func.max(newer.version))
        .where(newer.process == ProcessVersion.process, newer.version > ProcessVersion.version)
        .where(newer.published_by.is_(None))
        .correlate(ProcessVersion)
        .scalar_subquery()
    )
    return (
        select(
            ProcessVersion.process,
            ProcessVersion.name,
            ProcessVersion.id.label("version_id"),
            ProcessVersion.version,
            ProcessVersion.published_at,
            ProcessVersion.reason,
            User.name.label("publisher"),
            running.label("running"),
            behind.label("behind"),
            brought.label("waiting_version"),
        )
        .outerjoin(User, User.id == ProcessVersion.published_by)
        .where(ProcessVersion.is_current)
    )


def get_draft(session: Session, process: str) -> ProcessDraft:
    """The draft of a process.

    Raises:
        NotFound: there is none.
    """
    draft = session.scalar(select(ProcessDraft).where(ProcessDraft.process == process))
    if draft is None:
        raise NotFound
    return draft


def editor_of(session: Session, draft: ProcessDraft) -> User | None:
    return session.get(User, draft.editor_id) if draft.editor_id else None


def list_comments(session: Session, draft_id: int) -> Sequence[Any]:
    """The comments of a draft with their authors, open ones first, newest first."""
    query = (
        select(DraftComment, User.name.label("author"))
        .join(User, User.id == DraftComment.author_id)
        .where(DraftComment.draft_id == draft_id)
        .order_by(DraftComment.settled_at.is_not(None), DraftComment.id.desc())
        .limit(MOST_COMMENTS)
    )
    return session.execute(query).all()


def list_versions(session: Session, process: str) -> Sequence[Any]:
    """All versions of a process, newest first, with their publisher and running cases; without their contents."""
    query = (
        select(
            ProcessVersion.id,
            ProcessVersion.version,
            ProcessVersion.name,
            ProcessVersion.is_current,
            ProcessVersion.published_at,
            ProcessVersion.reason,
            User.name.label("publisher"),
            running_cases(Instance.process_version_id == ProcessVersion.id).label("running"),
        )
        .outerjoin(User, User.id == ProcessVersion.published_by)
        .where(ProcessVersion.process == process)
        .order_by(ProcessVersion.version.desc())
    )
    return session.execute(query).all()


def get_version(session: Session, process: str, version: int) -> ProcessVersion:
    """One version of a process.

    Raises:
        NotFound: there is none.
    """
    query = select(ProcessVersion).where(ProcessVersion.process == process, ProcessVersion.version == version)
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found


def list_publications(session: Session, process: str) -> Sequence[Any]:
    """What was handed in for a process and is not simply in force, newest first."""
    query = (
        select(Publication, User.name.label("requester"))
        .join(User, User.id == Publication.requested_by)
        .where(Publication.process == process, Publication.status != "published")
        .order_by(Publication.id.desc())
        .limit(20)
    )
    return session.execute(query).all()


def needs_second_person(session: Session) -> bool:
    """Whether the office wants somebody else to approve what is published."""
    return session.scalars(select(DesignSettings.second_person)).one()


def diagram_changes(old: str, new: str) -> list[Change]:
    """What differs between two diagrams, as far as they can be read."""
    return compare(read_catalogue(parse_xml(old.encode())), read_catalogue(parse_xml(new.encode())))


def part_changes(old: Mapping[str, Any], new: Mapping[str, Any], names: tuple[str, str, str]) -> list[tuple[str, str]]:
    """Forms or tables that were added, removed or changed, each with the word for it."""
    added, removed, changed = names
    found = [(key, added) for key in sorted(new.keys() - old.keys())]
    found += [(key, removed) for key in sorted(old.keys() - new.keys())]
    return found + [(key, changed) for key in sorted(old.keys() & new.keys()) if old[key] != new[key]]
