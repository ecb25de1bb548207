"""Change a draft: open, edit, save, comment, discard. Only the editor saves, and only on the revision that they saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.documents import FormDocumentError, check_plain
from webapp.access import Actor
from webapp.accounts.models import User
from webapp.audit.operations import record
from webapp.definitions.models import ProcessVersion
from webapp.designer.models import DraftComment, ProcessDraft
from webapp.designer.rules import MOST_BYTES, MOST_FORMS, MOST_TABLES, is_held, is_key
from webapp.problems import Conflict, NotFound, invalid
from workflows.catalogue import read_catalogue
from workflows.safe_xml import UnsafeXmlError, parse_xml


@dataclass(frozen=True)
class Part:
    """What is saved of a draft: ``diagram``, or a ``form`` or ``table`` by its key; an absent value removes it."""

    kind: str
    key: str = ""


def open_draft(session: Session, actor: Actor, now: datetime, process: str) -> ProcessDraft:
    """The draft of a process; made from its current version where there is none.

    Raises:
        NotFound: there is no such process.
    """
    draft = session.scalar(select(ProcessDraft).where(ProcessDraft.process == process))
    if draft is not None:
        return draft
    current = session.scalar(select(ProcessVersion).where(ProcessVersion.process == process, ProcessVersion.is_current))
    if current is None:
        raise NotFound
    return make_draft(session, actor, now, _copied(current), current.version)


def _copied(version: ProcessVersion) -> dict[str, Any]:
    return {
        "process": version.process,
        "name": version.name,
        "bpmn": version.bpmn,
        "forms": dict(version.forms),
        "tables": dict(version.tables),
        "cases": dict(version.cases),
    }


def make_draft(
    session: Session, actor: Actor, now: datetime, content: Mapping[str, Any], base: int | None
) -> ProcessDraft:
    """Store a new draft; nothing but its content is looked at by now."""
    draft = ProcessDraft(**content, base_version=base, revision=1, saved_at=now, saved_by=actor.user_id)
    session.add(draft)
    session.flush()
    record(session, actor, "draft.open", subject=f"process:{draft.process}", after={"base": base})
    return draft


def lock_draft(session: Session, process: str) -> ProcessDraft:
    """The draft, locked for a change.

    Raises:
        NotFound: there is none.
    """
    session.flush()  # what is read again below must not lose what was just changed
    query = select(ProcessDraft).where(ProcessDraft.process == process).with_for_update()
    draft = session.scalar(query.execution_options(populate_existing=True))
    if draft is None:
        raise NotFound
    return draft


def edit(session: Session, actor: Actor, now: datetime, process: str, *, take_over: bool = False) -> ProcessDraft:
    """Become the editor of a draft, or say that one still is.

    Args:
        take_over: also from somebody who is editing now.

    Raises:
        Conflict: somebody else is editing; says who and since when.
    """
    draft = lock_draft(session, process)
    mine = draft.editor_id == actor.user_id
    if is_held(draft.editor_id, draft.seen_at, now) and not mine and not take_over:
        raise held_by_other(session, draft)
    if not mine:
        before = {"editor": draft.editor_id}
        draft.editor_id, draft.editing_since = actor.user_id, now
        record(session, actor, "draft.edit", subject=f"process:{process}", before=before)
    draft.seen_at = now
    return draft


def leave(session: Session, actor: Actor, process: str) -> None:
    """Stop editing, so that others need not wait; nothing happens where somebody else has taken over."""
    draft = lock_draft(session, process)
    if draft.editor_id == actor.user_id:
        draft.editor_id = draft.editing_since = draft.seen_at = None


def save(
    session: Session, actor: Actor, now: datetime, process: str, revision: int, part: Part, value: Any
) -> ProcessDraft:
    """Save one part of a draft, complete or not; whether it could run is asked by the check and at publishing.

    Raises:
        Conflict: somebody else is editing, or the draft has changed since ``revision``.
        Invalid: the part is no XML or no form document, is too large, or its key is no identifier.
    """
    draft = lock_draft(session, process)
    if draft.editor_id != actor.user_id:
        raise held_by_other(session, draft)
    if draft.revision != revision:
        raise Conflict(
            _("草稿在别处有了更新的保存（例如另一个窗口）。请先复制要紧的改动，再重新打开。"), revision=draft.revision
        )
    _put(draft, part, value)
    draft.revision += 1
    draft.saved_at, draft.saved_by, draft.seen_at = now, actor.user_id, now
    what = {"part": part.kind, "key": part.key, "revision": draft.revision}
    record(session, actor, "draft.save", subject=f"process:{process}", after=what)
    return draft


def _put(draft: ProcessDraft, part: Part, value: Any) -> None:
    if part.kind == "diagram":
        draft.bpmn = _xml(value, "流程图")
        draft.name = name_in(draft.bpmn, draft.process)
    elif part.kind == "form":
        draft.forms = _replaced(draft.forms, part.key, None if value is None else _document(value), MOST_FORMS)
    elif part.kind == "table":
        draft.tables = _replaced(draft.tables, part.key, None if value is None else _xml(value, "决策表"), MOST_TABLES)
    else:
        raise NotFound


def _replaced(parts: Mapping[str, Any], key: str, value: Any, most: int) -> dict[str, Any]:
    if not is_key(key):
        raise invalid("key", "pattern", _("标识须以小写英文字母开头，只含小写字母、数字和下划线，最多 64 个字符。"))
    others = {name: part for name, part in parts.items() if name != key}
    if value is None:
        return others
    if len(others) >= most:
        raise invalid("key", "too_many", _("一个流程最多有 %(most)s 份，请先删除不用的。", most=most))
    return others | {key: value}


def _xml(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise invalid("value", "type", _("%(what)s须为 XML 文本。", what=what))
    try:
        parse_xml(value.encode(), max_bytes=MOST_BYTES)
    except UnsafeXmlError as error:
        raise invalid("value", "unreadable", f"{what}：{error.message}") from error
    return value


def _document(value: Any) -> Any:
    try:
        check_plain(value)
    except FormDocumentError as error:
        raise invalid("value", error.problems[0].code, error.problems[0].message) from error
    return value


def name_in(bpmn: str, process: str) -> str:
    """What a diagram calls a process; its key where it has no name."""
    found = read_catalogue(parse_xml(bpmn.encode(), max_bytes=MOST_BYTES)).processes.get(process)
    return (found.name if found else "") or process


def held_by_other(session: Session, draft: ProcessDraft) -> Conflict:
    """The refusal that says who edits a draft since when."""
    editor = session.get(User, draft.editor_id) if draft.editor_id else None
    if editor is None or draft.editing_since is None:
        return Conflict(_("您没有在编辑这份草稿。请先点“开始编辑”。"))
    since = draft.editing_since.astimezone().isoformat()
    words = _("“%(name)s”正在编辑这份草稿。可以先查看，或接管编辑（对方未保存的改动会丢失）。", name=editor.name)
    return Conflict(words, editor=editor.name, since=since)


def discard(session: Session, actor: Actor, now: datetime, process: str, *, revision: int) -> None:
    """Throw a draft away; the published versions stay as they are.

    Raises:
        Conflict: somebody else is editing, or it has changed meanwhile.
    """
    draft = lock_draft(session, process)
    if is_held(draft.editor_id, draft.seen_at, now) and draft.editor_id != actor.user_id:
        raise held_by_other(session, draft)
    if draft.revision != revision:
        raise Conflict(_("草稿刚刚有了新的改动，没有放弃。请看过之后再决定。"), revision=draft.revision)
    record(session, actor, "draft.discard", subject=f"process:{process}", before={"revision": draft.revision})
    session.delete(draft)


def comment(session: Session, actor: Actor, now: datetime, process: str, element: str, text: str) -> DraftComment:
    """Say something about an element of a draft (``""``: about the whole).

    Raises:
        NotFound: there is no draft.
        Invalid: nothing was said.
    """
    draft = session.scalar(select(ProcessDraft).where(ProcessDraft.process == process))
    if draft is None:
        raise NotFound
    words = text.strip()
    if not words or len(words) > 2000:
        raise invalid("text", "length", _("请写 1 到 2000 个字的批注。"))
    made = DraftComment(draft_id=draft.id, element=element[:200], text=words, author_id=actor.user_id, written_at=now)
    session.add(made)
    session.flush()
    record(session, actor, "draft.comment", subject=f"process:{process}", after={"element": element[:200]})
    return made


def settle(session: Session, actor: Actor, now: datetime, process: str, comment_id: int) -> None:
    """Mark a comment as settled.

    Raises:
        NotFound: the draft has no such comment that is open.
    """
    query = (
        select(DraftComment)
        .join(ProcessDraft, ProcessDraft.id == DraftComment.draft_id)
        .where(ProcessDraft.process == process, DraftComment.id == comment_id, DraftComment.settled_at.is_(None))
        .with_for_update(of=DraftComment)
    )
    session.flush()
    found = session.scalar(query)
    if found is None:
        raise NotFound
    found.settled_at, found.settled_by = now, actor.user_id
    record(session, actor, "draft.settle", subject=f"process:{process}", after={"comment": comment_id})
