"""Problems of any BPMN file, in Chinese, with the mending: above all what the engine accepts and then gets wrong.

One rule is one function in a module of its theme; canvas, API and publishing all ask `check_definition`.
"""

from lxml import etree

from workflows.bpmn import BPMN, Catalogue
from workflows.catalogue import read_catalogue
from workflows.checks import (  # noqa: F401  (importing a module registers its rules)
    acknowledging,
    copies,
    deadlines,
    endings,
    ends,
    escalating,
    expressions,
    extensions,
    files,
    gateways,
    parallel,
    people,
    reminders,
    services,
    signatures,
    signing,
    structure,
    support,
    timers,
    together,
    variables,
)
from workflows.checks.facts import Facts, FormFacts, ServiceFacts
from workflows.checks.problem import Problem, Severity
from workflows.checks.registry import run_rules
from workflows.checks.subject import Subject
from workflows.safe_xml import UnsafeXmlError, parse_xml

__all__ = [
    "Facts",
    "FormFacts",
    "Problem",
    "ServiceFacts",
    "Severity",
    "check_catalogue",
    "check_definition",
    "check_file",
]

MAX_IDS = 50_000  # of elements, flows and their parts
_count_ids = etree.XPath("count(//bpmn:*[@id])", namespaces={"bpmn": BPMN})
_ORDER = {"error": 0, "warning": 1, "info": 2}


def check_definition(data: bytes, facts: Facts | None = None) -> list[Problem]:
    """Everything that is wrong with a BPMN file, errors first, then in document order.

    Args:
        data: the file, whatever it is.
        facts: what the application knows; what is left out is not checked.

    Returns:
        The problems, an empty list if there are none. Never raises.
    """
    return check_file(data, facts)[0]


def check_file(data: bytes, facts: Facts | None = None) -> tuple[list[Problem], Catalogue | None]:
    """The problems together with what was read, for an outline; None if the file is unreadable or far too large."""
    try:
        root = parse_xml(data)
    except UnsafeXmlError as error:
        return [Problem("error", "unreadable", "", error.message)], None
    if _count_ids(root) > MAX_IDS:
        message = f"流程图中的元素和连线超过 {MAX_IDS} 个，不作逐项检查；请拆成几个流程。"
        return [Problem("error", "too_large", "", message)], None
    catalogue = read_catalogue(root)
    return check_catalogue(catalogue, facts), catalogue


def check_catalogue(catalogue: Catalogue, facts: Facts | None = None) -> list[Problem]:
    """The same for a file that is already read."""
    problems = run_rules(Subject(catalogue, facts or Facts()))
    line = {e.id: e.line or 0 for e in catalogue.elements.values()} | {
        f.id: f.line or 0 for f in catalogue.flows.values()
    }
    return sorted(problems, key=lambda p: (_ORDER[p.severity], line.get(p.element, 0)))
