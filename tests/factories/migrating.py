"""A next version of the shipped declaration, and running cases of which some can move there, some not as they are."""

import json
import re
from dataclasses import dataclass
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import exists, select

from tests.benchmarks.cases import copy_instance
from tests.factories.api_client import Case, Office
from webapp.batches.models import Batch, BatchDepartment
from webapp.config import ROOT
from webapp.database import transaction
from webapp.definitions.operations import publish
from webapp.host.addresses import libpq_url

CLERK = "yunxi.unit1.clerk"
_STEP = """<bpmn:userTask id="confirm_facts" name="核实关键事实">
        <bpmn:extensionElements>
          <wm:form key="confirm_facts" />
          <wm:assignment roles="county_reviewer" region="county_region" persons="1" exclude="unit" />
          <wm:deadline working_days="3" />
        </bpmn:extensionElements>
        <bpmn:incoming>review_county_to_is_review_passed</bpmn:incoming>
        <bpmn:outgoing>confirm_facts_to_is_review_passed</bpmn:outgoing>
      </bpmn:userTask>
      <bpmn:sequenceFlow sourceRef="confirm_facts" targetRef="is_review_passed"
          id="confirm_facts_to_is_review_passed" />
      <bpmn:exclusiveGateway id="is_review_passed" """
_FORM = {
    "type": "default",
    "id": "confirm_facts",
    "schemaVersion": 18,
    "components": [
        {
            "type": "textarea",
            "id": "facts",
            "key": "checked_facts",
            "label": "核实情况",
            "validate": {"required": True},
        }
    ],
}


def next_declaration() -> tuple[str, dict[str, Any]]:
    """Diagram and forms: a step after the county's review, another id for the sealed form, departments in turn."""
    text = (ROOT / "workflows" / "diagrams" / "declaration.bpmn").read_text(encoding="utf-8")
    folder = ROOT / "forms" / "declaration"
    forms = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.form"))}
    text = text.replace('<bpmn:exclusiveGateway id="is_review_passed" ', _STEP, 1)
    text = re.sub(
        r'(id="review_county_to_is_review_passed"[^>]*targetRef=)"is_review_passed"', r'\1"confirm_facts"', text
    )
    entry = "<bpmn:incoming>{}_to_is_review_passed</bpmn:incoming>\n        <bpmn:outgoing>is_review"
    text = text.replace(entry.format("review_county"), entry.format("confirm_facts"))
    text = re.sub(r'(?<!key=)"attach_sealed_form"', '"upload_sealed_form"', text)
    text = re.sub(r"(?<=[> ])attach_sealed_form(?=[< ])", "upload_sealed_form", text)
    loop = "<bpmn:loopDataInputRef>departments"
    text = text.replace(f'isSequential="false">\n          {loop}', f'isSequential="true">\n          {loop}', 1)
    return text, forms | {"confirm_facts": _FORM}


@dataclass(frozen=True)
class Cases:
    """One of the cases at each place, of which there are as many copies."""

    filling: int
    sealing: int
    reviewing: int
    consulting: int
    each: int


def gather_cases(app: Flask, url: str, each: int) -> Cases:
    """``each`` cases that fill in, seal, wait for the county's review, and for departments."""
    office = Office(app)
    has_departments = exists().where(BatchDepartment.batch_id == Batch.id)
    with app.app_context(), transaction() as session:
        asked = str(session.scalars(select(Batch.id).where(has_departments).order_by(Batch.id)).first())
        unasked = str(session.scalars(select(Batch.id).where(~has_departments).order_by(Batch.id)).first())
    clerk = office.person(CLERK)
    filling = Case(office, clerk, batch=unasked, honour="county")
    sealing = Case(office, clerk, batch=unasked, honour="city").do("fill_declaration")
    reviewing = Case(office, clerk, batch=asked, honour="county").submitted()
    consulting = Case(office, clerk, batch=asked, honour="city").submitted().do("review_county", outcome="pass")
    found = [case.id for case in (filling, sealing, reviewing, consulting)]
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        for instance in found:
            copy_instance(connection, instance, each - 1)
    return Cases(*found, each)


def publish_next(app: Flask) -> None:
    """Put the next version in force."""
    bpmn, forms = next_declaration()
    with app.app_context(), transaction() as session:
        publish(session, "declaration", bpmn, forms, {}, reason="增加核实环节", published_by=None)
