"""Publish process versions; the shipped ones at every start of a newer release."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from forms.compile import compile_form
from webapp import clock
from webapp.config import ROOT
from webapp.definitions.models import ProcessVersion
from workflows import load_definition

DIAGRAMS = ROOT / "workflows" / "diagrams"
FORMS = ROOT / "forms"
CASES = ROOT / "workflows" / "cases"
KEPT_ASIDE = "随软件更新带来，没有替换本单位发布的版本"
"""The reason of shipped versions that have never been in force."""
_ONE_AT_A_TIME = select(func.pg_advisory_xact_lock(func.hashtext("wenming.definitions")))


def digest_of(bpmn: str, forms: Mapping[str, Any], tables: Mapping[str, str]) -> str:
    """The digest that pins a diagram, its forms and its tables together."""
    text = json.dumps([bpmn, forms, tables], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def publish(
    session: Session,
    process: str,
    bpmn: str,
    forms: Mapping[str, Any],
    tables: Mapping[str, str],
    *,
    reason: str,
    published_by: int | None,
    cases: Mapping[str, Any] | None = None,
    in_force: bool = True,
) -> ProcessVersion:
    """Make a new version; running instances stay on theirs.

    Args:
        cases: its test cases, which change nothing about how it runs.
        in_force: whether it becomes the current one; else it only stands among the versions.

    Raises:
        workflows.DefinitionError: the diagram cannot run.
        forms.documents.FormDocumentError: a form cannot be compiled.
    """
    definition = load_definition(bpmn.encode(), process, [text.encode() for text in tables.values()])
    for document in forms.values():
        compile_form(document)
    session.execute(_ONE_AT_A_TIME)
    if in_force:
        session.execute(update(ProcessVersion).where(ProcessVersion.process == process).values(is_current=False))
    latest = session.scalar(select(func.max(ProcessVersion.version)).where(ProcessVersion.process == process)) or 0
    row = ProcessVersion(
        process=process,
        version=latest + 1,
        name=definition.name,
        digest=digest_of(bpmn, forms, tables),
        bpmn=bpmn,
        forms=dict(forms),
        tables=dict(tables),
        cases=dict(cases or {}),
        is_current=in_force,
        reason=reason,
        published_by=published_by,
        published_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


@dataclass(frozen=True)
class Shipped:
    """A process as this release brings it."""

    process: str
    bpmn: str
    forms: dict[str, Any]
    cases: dict[str, Any]

    @property
    def digest(self) -> str:
        return digest_of(self.bpmn, self.forms, {})


def shipped() -> list[Shipped]:
    """Every process of this release, by its key."""
    return [
        Shipped(path.stem, path.read_text(encoding="utf-8"), _read_all(FORMS / path.stem, ".form"), _cases(path.stem))
        for path in sorted(DIAGRAMS.glob("*.bpmn"))
    ]


def _cases(process: str) -> dict[str, Any]:
    return _read_all(CASES / process, ".json")


def _read_all(folder: Path, ending: str) -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob(f"*{ending}"))}


def ensure_shipped(session: Session) -> list[ProcessVersion]:
    """Store each shipped process whose digest is not here yet; returns the new versions.

    One that a person has published stays in force: the shipped one stands beside it, for somebody to compare and
    restore. Test cases that come with a later release are added to the shipped version that has none.
    """
    session.execute(_ONE_AT_A_TIME)
    return [row for one in shipped() if (row := _ensure(session, one)) is not None]


def _ensure(session: Session, one: Shipped) -> ProcessVersion | None:
    query = select(ProcessVersion).where(ProcessVersion.process == one.process, ProcessVersion.digest == one.digest)
    known = session.scalars(query).all()
    for row in known:
        if row.published_by is None and row.cases != one.cases:
            row.cases = one.cases
    session.flush()
    if known:
        return None
    aside = _is_designed_here(session, one.process)
    return publish(
        session,
        one.process,
        one.bpmn,
        one.forms,
        {},
        reason=KEPT_ASIDE if aside else "随版本发布",
        published_by=None,
        cases=one.cases,
        in_force=not aside,
    )


def _is_designed_here(session: Session, process: str) -> bool:
    """Whether a person has published what is in force."""
    query = select(ProcessVersion.published_by).where(ProcessVersion.process == process, ProcessVersion.is_current)
    return session.scalar(query) is not None
