"""What the panels of the editor offer: roles, services with their parameters, functions and variables."""

import inspect
from typing import Any

from webapp.accounts.models import ROLES
from webapp.definitions.checking import known_everywhere
from webapp.designer.models import ProcessDraft
from webapp.instances.processes import Service, registered


def vocabulary(draft: ProcessDraft) -> dict[str, Any]:
    """The choices for one draft, as plain JSON."""
    known = known_everywhere()
    return {
        "roles": [{"value": key, "label": word} for key, word in ROLES.items()],
        "services": [_service(name, call) for rules in registered() for name, call in sorted(rules.services.items())],
        "functions": known["functions"],
        "messages": sorted(known["messages"]),
        "variables": known["start_variables"] or [],
        "forms": sorted(draft.forms),
        "tables": sorted(draft.tables),
    }


def _service(name: str, call: Service) -> dict[str, Any]:
    parameters = list(inspect.signature(call).parameters.values())[1:]
    words = (inspect.getdoc(call) or "").partition("\n\n")[0]
    return {
        "name": name,
        "description": " ".join(words.split()),
        "required": [p.name for p in parameters if p.default is p.empty],
        "optional": [p.name for p in parameters if p.default is not p.empty],
    }
