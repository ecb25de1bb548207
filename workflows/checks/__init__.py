"""Problems of any BPMN file, in Chinese, with the mending: above all what the engine accepts and then gets wrong.

One rule is one function in a module of its theme; canvas, API and publishing all ask `check_definition`.
"""

from workflows.bpmn import Catalogue
from workflows.catalogue import read_catalogue
from workflows.checks import (  # noqa: F401  (importing a module registers its rules, in this order)
    ends,
    expressions,
    files,
    gateways,
    parallel,
    people,
    services,
    signing,
    structure,
    support,
    timers,
    variables,
)
from workflows.checks.facts import Facts, FormFacts, ServiceFacts
from workflows.checks.problem import Problem, Severity
from workflows.checks.registry import run_rules
from workflows.checks.subject import Subject
from workflows.safe_xml import UnsafeXmlError, parse_xml

__all__ = ["Facts", "FormFacts", "Problem", "ServiceFacts", "Severity", "check_catalogue", "check_definition"]

_ORDER = {"error": 0, "warning": 1, "info": 2}


def check_definition(data: bytes, facts: Facts | None = None) -> list[Problem]:
    """Everything that is wrong with a BPMN file, errors first, then in document order.

    Args:
        data: the file, whatever it is.
        facts: what the application knows; what is left out is not checked.

    Returns:
        The problems, an empty list if there are none. Never raises.
    """
    try:
        root = parse_xml(data)
    except UnsafeXmlError as error:
        return [Problem("error", "unreadable", "", error.message)]
    return check_catalogue(read_catalogue(root), facts)


def check_catalogue(catalogue: Catalogue, facts: Facts | None = None) -> list[Problem]:
    """The same for a file that is already read."""
    problems = run_rules(Subject(catalogue, facts or Facts()))
    line = {e.id: e.line or 0 for e in catalogue.elements.values()} | {
        f.id: f.line or 0 for f in catalogue.flows.values()
    }
    return sorted(problems, key=lambda p: (_ORDER[p.severity], line.get(p.element, 0)))
