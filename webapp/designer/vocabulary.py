"""What the panels of the editor offer: roles, services with their parameters, functions and variables."""

import inspect
from typing import Any, Final

from forms.validators import VALIDATOR_NAMES
from webapp.accounts.models import ROLES
from webapp.definitions.checking import known_everywhere
from webapp.designer.models import ProcessDraft
from webapp.instances.processes import Service, registered

CHECKS: Final = {
    "uscc": "统一社会信用代码",
    "mobile": "手机号码",
    "phone": "电话号码",
    "email": "电子邮箱",
    "document_number": "发文字号",
    "chinese_date": "日期（中文写法）",
    "ratio": "比例",
}
"""What the named checks of forms are called."""


def vocabulary(draft: ProcessDraft) -> dict[str, Any]:
    """The choices for one draft, as plain JSON."""
    known = known_everywhere()
    return {
        "roles": [{"value": key, "label": word} for key, word in ROLES.items()],
        "services": [_service(name, call) for rules in registered() for name, call in sorted(rules.services.items())],
        "functions": known["functions"],
        "messages": sorted(known["messages"]),
        "variables": _variables(draft),
        "forms": sorted(draft.forms),
        "tables": sorted(draft.tables),
        "checks": [{"value": name, "label": CHECKS[name]} for name in sorted(VALIDATOR_NAMES, key=list(CHECKS).index)],
    }


def _variables(draft: ProcessDraft) -> list[dict[str, str]]:
    """What cases hold from the start; of a new process, whatever those of any process hold."""
    own = [rules for rules in registered() if rules.process == draft.process] or registered()
    words = {name: word for rules in own for name, word in rules.start_variables.items()}
    return [{"value": name, "label": word} for name, word in words.items()]


def _service(name: str, call: Service) -> dict[str, Any]:
    parameters = list(inspect.signature(call).parameters.values())[1:]
    words = (inspect.getdoc(call) or "").partition("\n\n")[0]
    return {
        "name": name,
        "description": " ".join(words.split()),
        "required": [p.name for p in parameters if p.default is p.empty],
        "optional": [p.name for p in parameters if p.default is not p.empty],
    }
