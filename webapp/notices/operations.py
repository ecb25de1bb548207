"""Make documents that cases share, publish notices, take objections and settle them."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from webapp.audit.operations import record
from webapp.clock import SHANGHAI
from webapp.instances.models import Instance, Message
from webapp.instances.operations import send_message
from webapp.instances.processes import Case
from webapp.notices.limits import veiled
from webapp.notices.models import Document, DocumentCase, Objection
from webapp.notices.rules import named_cases
from webapp.problems import Conflict, InputError, Invalid, NotFound


def join_document(case: Case, kind: str, answers: Mapping[str, Any], *, ends_at: datetime | None = None) -> int:
    """Put a case on the document of this kind, number and text that was issued today; make it if there is none.

    Cases that are ticked together thereby share one document, however they are sent.
    """
    assert case.actor is not None  # noqa: S101 (documents are signed by persons)
    number, title = answers["document_number"], answers.get("title") or ""
    body = answers.get("body") or ""
    values = {
        "batch_id": case.batch_id,
        "office_id": case.actor.organisation_id,
        "kind": kind,
        "number": number,
        "title": title or number,
        "body": body,
        "digest": hashlib.sha256(f"{title}\n{body}".encode()).hexdigest(),
        "issued_on": case.now.astimezone(SHANGHAI).date(),
        "ends_at": ends_at,
        "created_by": case.actor.user_id,
        "created_at": case.now,
    }
    made = upsert(Document).values(values)
    key = ["batch_id", "office_id", "kind", "number", "issued_on", "digest"]
    same = made.on_conflict_do_update(index_elements=key, set_={"number": made.excluded.number}).returning(Document.id)
    document_id: int = case.session.execute(same).scalar_one()
    member = upsert(DocumentCase).values(document_id=document_id, instance_id=case.instance_id)
    case.session.execute(member.on_conflict_do_nothing())
    return document_id


def raise_objection(
    session: Session, now: datetime, document_id: int, fields: Mapping[str, Any], address: str | None
) -> list[int]:
    """Take an objection against a running notice; every case that it is about gets it.

    Args:
        fields: ``name``, ``contact``, ``text`` and optionally ``instance`` (the id of one case).

    Returns:
        The ids of the objections, one per case.

    Raises:
        NotFound: there is no such notice.
        Conflict: the notice is over.
        Invalid: a field is missing or too long, or the case is not in the notice.
    """
    document = session.get(Document, document_id)
    if document is None or document.kind != "notice":
        raise NotFound("没有这份公示。")
    if document.ends_at is None or document.ends_at < now:
        raise Conflict("公示期已满，不再受理对本公示的异议。如需反映问题，请联系公示机关。")
    texts = _checked_fields(fields)
    objections = []
    concerned = _concerned(session, document, fields.get("instance"), texts["text"])
    _lock(session, concerned)
    for instance_id in concerned:
        facts = {
            "document_id": document_id,
            "instance_id": instance_id,
            "address": address,
            "at": now,
            "status": "open",
        }
        made = insert(Objection).values(texts | facts).returning(Objection.id)
        objection_id = session.execute(made).scalar_one()
        objections.append(objection_id)
        send_message(session, now, instance_id, "objection", {"objection_id": objection_id})
        seen_from = veiled(address or "")
        subject = f"notice:{document_id}"
        record(session, None, "objection.raise", instance_id=instance_id, subject=subject, address=seen_from)
    return objections


def _lock(session: Session, instance_ids: Sequence[int]) -> None:
    """Lock the cases in one order, before rows that refer to them: two objections at once must not wait in a ring."""
    query = select(Instance.id).where(Instance.id.in_(instance_ids)).order_by(Instance.id)
    session.execute(query.with_for_update())


_LIMITS = {"name": ("姓名", 50), "contact": ("联系方式", 100), "text": ("异议内容", 2000)}


def _checked_fields(fields: Mapping[str, Any]) -> dict[str, str]:
    errors, texts = [], {}
    for key, (label, most) in _LIMITS.items():
        value = fields.get(key)
        text = value.strip() if isinstance(value, str) else ""
        if not text:
            errors.append(InputError(key, "required", f"请填写{label}。"))
        elif len(text) > most:
            errors.append(InputError(key, "too_long", f"{label}最多 {most} 个字。"))
        elif "\x00" in text:
            errors.append(InputError(key, "characters", f"{label}含有不能识别的字符。"))
        texts[key] = text
    if errors:
        raise Invalid(errors)
    return texts


def _concerned(session: Session, document: Document, chosen: Any, text: str) -> Sequence[int]:
    """The running cases that an objection is about: the chosen one, those named in the text, else all."""
    query = (
        select(Instance.id, Instance.title)
        .join(DocumentCase, DocumentCase.instance_id == Instance.id)
        .where(DocumentCase.document_id == document.id, Instance.ended_at.is_(None))
        .order_by(Instance.id)
    )
    cases = {row.id: row.title.split(" · ")[0] for row in session.execute(query)}
    if chosen is not None and chosen != "":
        concerned = next((id_ for id_ in cases if str(id_) == str(chosen)), None)
        if concerned is None:
            raise Invalid([InputError("instance", "unknown", "所选单位不在这份公示中，或其申报已经结束。")])
        return [concerned]
    if not cases:
        raise Conflict("这份公示所列单位的申报均已结束，不再受理异议。")
    return named_cases(text, cases)


def settle_objections(case: Case, outcome: str, answer: str, opened_at: datetime) -> int:
    """Decide the objections that the officer had before them; returns how many came later and are still open.

    Args:
        outcome: ``dismiss`` or an upholding outcome.
        opened_at: when the settling task opened; later objections were not seen.
    """
    assert case.actor is not None  # noqa: S101 (a person settles)
    session = case.session
    session.execute(
        update(Objection)
        .where(Objection.instance_id == case.instance_id, Objection.status == "open", Objection.at <= opened_at)
        .values(
            status="dismissed" if outcome == "dismiss" else "upheld",
            answer=answer,
            decided_by=case.actor.user_id,
            decided_at=case.now,
        )
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Message)
        .where(Message.instance_id == case.instance_id, Message.name == "objection", Message.status == "kept")
        .values(status="void")
        .execution_options(synchronize_session=False)
    )
    left = select(Objection.id).where(Objection.instance_id == case.instance_id, Objection.status == "open")
    return len(session.scalars(left).all())
