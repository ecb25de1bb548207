"""Check any BPMN file against what this installation knows, in a process of its own with bounded time and memory."""

import inspect
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from forms.compile import CompiledForm, compile_form
from forms.documents import FormDocumentError
from webapp.accounts.models import ROLES
from webapp.batches.rules import PHASES
from webapp.config import ROOT
from webapp.definitions.library import Published, list_current
from webapp.instances.processes import Service, registered, rules_of
from workflows.checks import Facts
from workflows.checks.facts import read_facts

SECONDS = 2.8
_TYPES = {float: "number", bool: "boolean", list: "array", str: "string"}


def check_file(session: Session, data: bytes) -> dict[str, Any]:
    """The problems of a BPMN file and its outline; never raises for what the file holds."""
    return _check(facts(session), data)


def check_parts(process: str, bpmn: str, forms: Mapping[str, Any], tables: Mapping[str, str]) -> dict[str, Any]:
    """The same for everything that one version of ``process`` would hold; its forms are the only ones that it has."""
    compiled, problems = _compiled(forms)
    own = {"forms": _form_facts(process, compiled), "has_tables": True, "process": process}
    answer = _check(known_everywhere() | own, bpmn.encode(), [text.encode() for text in tables.values()])
    answer["problems"] = problems + answer["problems"]
    return answer


def _compiled(forms: Mapping[str, Any]) -> tuple[dict[str, CompiledForm], list[dict[str, str]]]:
    compiled, problems = {}, []
    for key, document in forms.items():
        try:
            compiled[key] = compile_form(document)
        except FormDocumentError as error:
            words = (f"表单“{key}”的组件“{p.component}”：{p.message}" for p in error.problems[:20])
            problems += [
                {"severity": "error", "code": "form_invalid", "element": f"form:{key}", "message": w} for w in words
            ]
    return compiled, problems


def _check(known: Mapping[str, Any], bpmn: bytes, tables: Sequence[bytes] = ()) -> dict[str, Any]:
    header = json.dumps({**known, "sizes": [len(table) for table in tables]}).encode() + b"\n"
    command = [sys.executable, "-m", "workflows.checks"]
    try:
        done = subprocess.run(  # noqa: S603 (our own module, the files on standard input)
            command, input=header + b"".join(tables) + bpmn, capture_output=True, timeout=SECONDS, check=True, cwd=ROOT
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return {"problems": [_TOO_HEAVY], "outline": []}
    return answer


_TOO_HEAVY = {
    "severity": "error",
    "code": "too_heavy",
    "element": "",
    "message": "文件过大或过于复杂，没有在限定的时间和内存内检查完。请拆分成较小的流程图后再检查。",
}


def facts(session: Session) -> dict[str, Any]:
    """What checks ask about a file from anywhere: what is known everywhere, and the forms of all processes in force."""
    forms = {key: form for one in list_current(session) for key, form in _form_facts(one.process, one.forms).items()}
    return known_everywhere() | {"forms": forms}


def known_everywhere() -> dict[str, Any]:
    """What the application knows of any process, as plain JSON: services, roles, functions, messages."""
    starts = [rules.start_variables for rules in registered()]
    return {
        "services": {name: _parameters(call) for rules in registered() for name, call in rules.services.items()},
        "has_tables": False,
        "process": None,
        "roles": list(ROLES),
        "functions": ["end_of_working_day"],
        "start_variables": sorted(frozenset().union(*starts)) if starts else None,
        "phases": PHASES,
        "messages": {"withdrawal": [], "objection": ["objection_id"]} | _sent_by_areas(),
    }


def facts_of_version(version: Published) -> Facts:
    """The same for one version, whose forms are the only ones that it has; tables may set anything."""
    own = {"forms": _form_facts(version.process, version.forms), "process": version.process}
    return read_facts(known_everywhere() | own, {})


def _sent_by_areas() -> dict[str, list[str]]:
    return {name: list(carried) for rules in registered() for name, carried in rules.messages.items()}


def _form_facts(process: str, forms: Mapping[str, CompiledForm]) -> dict[str, dict[str, Any]]:
    given = rules_of(process).step_variables
    return {
        key: {
            "variables": {form.engine_names[name]: _TYPES.get(kind, "string") for name, kind in form.variables.items()}
            | dict.fromkeys(given.get(key, ()), "any"),
            "outcome": form.engine_names[form.outcome_field] if form.outcome_field else None,
            "outcome_values": [str(choice.value) for choice in form.outcomes],
            "needs_typing": form.acknowledgement is None,
            "pictures": sorted(form.picture_fields),
        }
        for key, form in forms.items()
    }


def _parameters(call: Service) -> dict[str, list[str]]:
    own = list(inspect.signature(call).parameters.values())[1:]
    return {
        "required": [p.name for p in own if p.default is p.empty],
        "optional": [p.name for p in own if p.default is not p.empty],
    }
