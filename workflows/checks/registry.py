"""The list of rules: one rule is one small function that yields problems, registered by a decorator in its module."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from workflows.checks.problem import Problem
from workflows.checks.subject import Subject
from workflows.graph import TooComplexError

Rule = Callable[[Subject], Iterator[Problem]]

RULES: Final[list[Rule]] = []
MOST_PER_RULE: Final = 200
MAX_MESSAGE: Final = 600  # names in files from outside may have any length

_log = logging.getLogger(__name__)


def rule(function: Rule) -> Rule:
    """Register a rule; rules are run in the order in which their modules are imported."""
    RULES.append(function)
    return function


def run_rules(subject: Subject) -> list[Problem]:
    """What all rules say. A rule that fails or gives up is itself reported: a check always ends with an answer."""
    return [problem for function in RULES for problem in _run(function, subject)]


def _run(function: Rule, subject: Subject) -> list[Problem]:
    found: list[Problem] = []
    try:
        for problem in function(subject):
            found.append(replace(problem, message=problem.message[:MAX_MESSAGE]))
            if len(found) >= MOST_PER_RULE:
                message = f"同类问题超过 {MOST_PER_RULE} 个，其余未列出；请先处理已列出的。"
                return [*found, Problem("info", "more_of_these", "", message)]
    except TooComplexError:
        message = "流程图的连线过于复杂，部分结构检查未能完成；请拆成几个子流程。"
        found.append(Problem("warning", "too_complex", "", message))
    except Exception:  # a file from outside must never break the caller; the log has the cause
        _log.exception("rule %s failed", function.__name__)
        found.append(
            Problem("warning", "check_failed", "", f"有一项检查（{function.__name__}）未能完成，请报告管理员。")
        )
    return found
