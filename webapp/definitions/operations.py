"""Publish process versions; the shipped ones at every start of a newer release."""

import hashlib
import json
from collections.abc import Mapping
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
) -> ProcessVersion:
    """Make a new current version; running instances stay on theirs.

    Raises:
        workflows.DefinitionError: the diagram cannot run.
        forms.documents.FormDocumentError: a form cannot be compiled.
    """
    definition = load_definition(bpmn.encode(), process, [text.encode() for text in tables.values()])
    for document in forms.values():
        compile_form(document)
    session.execute(_ONE_AT_A_TIME)
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
        is_current=True,
        reason=reason,
        published_by=published_by,
        published_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def ensure_shipped(session: Session) -> list[ProcessVersion]:
    """Publish each shipped process whose digest was never published here; returns the new versions."""
    session.execute(_ONE_AT_A_TIME)
    fresh = []
    for diagram in sorted(DIAGRAMS.glob("*.bpmn")):
        process, bpmn, forms = diagram.stem, diagram.read_text(encoding="utf-8"), _shipped_forms(diagram.stem)
        known = select(ProcessVersion.id).where(
            ProcessVersion.process == process, ProcessVersion.digest == digest_of(bpmn, forms, {})
        )
        if session.scalar(known) is None:
            fresh.append(publish(session, process, bpmn, forms, {}, reason="随版本发布", published_by=None))
    return fresh


def _shipped_forms(process: str) -> dict[str, Any]:
    folder: Path = FORMS / process
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.form"))}
