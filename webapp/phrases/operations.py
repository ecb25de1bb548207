"""Keep phrases: add one, change, move up, remove. Those of the office need the right to share."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.access import Actor, require
from webapp.audit.operations import record
from webapp.phrases.models import Phrase
from webapp.phrases.queries import of_owner
from webapp.problems import NotFound, invalid

MOST, LONGEST = 50, 500


def add_phrase(session: Session, actor: Actor, text: str, *, shared: bool) -> Phrase:
    """Keep a new phrase at the end of its list.

    Raises:
        Forbidden: the actor may not share phrases with the office.
        Invalid: empty, too long, there already, or too many.
    """
    if shared:
        require(actor, "phrases.share")
    text = _checked(text)
    owner = of_owner(actor, shared=shared)
    count, last = session.execute(select(func.count(), func.max(Phrase.position)).where(owner)).one()
    if count >= MOST:
        raise invalid("text", "too_many", f"最多保存 {MOST} 条，请先删去不用的。")
    if session.scalar(select(Phrase.id).where(owner, Phrase.text == text).limit(1)):
        raise invalid("text", "repeated", "已有同样的一条。")
    phrase = Phrase(
        user_id=None if shared else actor.user_id,
        organisation_id=actor.organisation_id if shared else None,
        text=text,
        position=(last or 0) + 1,
    )
    session.add(phrase)
    session.flush()
    _note(session, actor, "phrase.add", phrase)
    return phrase


def change_phrase(session: Session, actor: Actor, phrase_id: int, text: str) -> None:
    """Give a phrase another text; raises as :func:`add_phrase`, and ``NotFound`` for those of others."""
    phrase = _held(session, actor, phrase_id)
    phrase.text = _checked(text)
    session.flush()
    _note(session, actor, "phrase.change", phrase)


def raise_phrase(session: Session, actor: Actor, phrase_id: int) -> None:
    """Put a phrase before its neighbour: the first ones have the shortest keys."""
    phrase = _held(session, actor, phrase_id)
    before = (
        select(Phrase)
        .where(of_owner(actor, shared=phrase.is_shared), Phrase.position < phrase.position)
        .order_by(Phrase.position.desc())
        .limit(1)
    )
    neighbour = session.scalar(before)
    if neighbour is not None:
        phrase.position, neighbour.position = neighbour.position, phrase.position
        session.flush()


def remove_phrase(session: Session, actor: Actor, phrase_id: int) -> None:
    """Remove a phrase; what was written with it stays."""
    phrase = _held(session, actor, phrase_id)
    _note(session, actor, "phrase.remove", phrase)
    session.delete(phrase)
    session.flush()


def _held(session: Session, actor: Actor, phrase_id: int) -> Phrase:
    """The phrase, locked, if it is the actor's own or of the actor's office."""
    phrase = session.scalar(select(Phrase).where(Phrase.id == phrase_id).with_for_update())
    if phrase is None or not (phrase.user_id == actor.user_id or phrase.organisation_id == actor.organisation_id):
        raise NotFound("这条常用意见已不存在，请刷新。")
    if phrase.is_shared:
        require(actor, "phrases.share")
    return phrase


def _checked(text: str) -> str:
    cleaned = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not cleaned:
        raise invalid("text", "required", "请填写内容。")
    if len(cleaned) > LONGEST:
        raise invalid("text", "too_long", f"最多 {LONGEST} 个字，现在有 {len(cleaned)} 个。")
    return cleaned


def _note(session: Session, actor: Actor, act: str, phrase: Phrase) -> None:
    if phrase.is_shared:  # what a person writes for themselves is nobody's business
        record(session, actor, act, subject=f"phrase:{phrase.id}", after={"text": phrase.text})
