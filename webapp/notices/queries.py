"""Read notices and other documents of a batch; what the public sees never names an objector."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.instances.models import Instance
from webapp.instances.queries import iso
from webapp.notices.models import Document, DocumentCase, Objection
from webapp.paging import Page, fetch_page
from webapp.problems import NotFound
from webapp.registry.models import Honour, Organisation, Region

_NOTICE = (
    select(Document, Organisation.name.label("office"))
    .join(Organisation, Organisation.id == Document.office_id)
    .where(Document.kind == "notice")
)


def list_notices(session: Session, page: int, per_page: int) -> Page:
    """One page of the published notices, newest first."""
    return fetch_page(session, _NOTICE.order_by(Document.id.desc()), page, per_page)


def notice_json(row: Any, now: datetime) -> dict[str, Any]:
    """A notice without its units."""
    document = row.Document
    return {
        "id": document.id,
        "number": document.number,
        "title": document.title,
        "office": row.office,
        "issued_on": document.issued_on.isoformat(),
        "ends_at": iso(document.ends_at),
        "is_open": document.ends_at >= now,
    }


def get_notice(session: Session, document_id: int, now: datetime) -> dict[str, Any]:
    """One notice with its text and units; raises ``NotFound``."""
    row = session.execute(_NOTICE.where(Document.id == document_id)).one_or_none()
    if row is None:
        raise NotFound("没有这份公示。")
    return notice_json(row, now) | {"body": row.Document.body, "units": cases_of(session, document_id)}


def cases_of(session: Session, document_id: int) -> list[dict[str, Any]]:
    """The cases of a document as the public may see them."""
    query = (
        select(Instance.id, Organisation.name, Honour.name.label("honour"), Region.name.label("region"))
        .join(DocumentCase, DocumentCase.instance_id == Instance.id)
        .join(Organisation, Organisation.id == Instance.subject_id)
        .join(Honour, Honour.code == Instance.honour_code)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .where(DocumentCase.document_id == document_id)
        .order_by(Honour.rank.desc(), Region.code, Organisation.name)
    )
    return [
        {"instance": row.id, "unit": row.name, "honour": row.honour, "region": row.region}
        for row in session.execute(query)
    ]


def objections_of(session: Session, instance_id: int) -> list[Objection]:
    """The objections against a case, oldest first; only for the deciding office."""
    query = select(Objection).where(Objection.instance_id == instance_id).order_by(Objection.id)
    return list(session.scalars(query))


def documents_of(session: Session, instance_id: int) -> list[Document]:
    """Notice, decision and report that a case stands in, oldest first."""
    query = (
        select(Document)
        .join(DocumentCase, DocumentCase.document_id == Document.id)
        .where(DocumentCase.instance_id == instance_id)
        .order_by(Document.id)
    )
    return list(session.scalars(query))


def find_document(session: Session, document_id: int) -> Any | None:
    """A document of any kind with the name of its office."""
    query = select(Document, Organisation.name.label("office")).join(
        Organisation, Organisation.id == Document.office_id
    )
    return session.execute(query.where(Document.id == document_id)).one_or_none()


MOST_EXPORTED = 1_000
EXPORT_HEADER = ["标题", "文号", "公示机关", "发布日期", "公示截止"]


def export_row(row: Any) -> list[Any]:
    """A notice of :func:`list_notices` as a line of a file."""
    document = row.Document
    return [document.title, document.number, row.office, document.issued_on.isoformat(), iso(document.ends_at)]
