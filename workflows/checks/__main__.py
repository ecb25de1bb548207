"""``python -m workflows.checks``: check one untrusted file in a process of its own, with bounded time and memory.

Reads one line of JSON (the facts), then decision tables and the diagram from standard input; writes problems and
outline as JSON.
"""

import json
import sys

from workflows.bounds import bound
from workflows.checks import check_file
from workflows.checks.facts import read_facts
from workflows.checks.tables import read_table
from workflows.outline import outline


def main() -> None:
    """Check what stands on standard input."""
    bound()
    given = json.loads(sys.stdin.buffer.readline())
    tables = [read_table(sys.stdin.buffer.read(size)) for size in given["sizes"]]
    known = read_facts(given, {decision.id: decision.outputs for decision, _ in tables if decision})
    found, catalogue = check_file(sys.stdin.buffer.read(), known)
    found = [*(problem for _, problems in tables for problem in problems), *found]
    problems = [{"severity": p.severity, "code": p.code, "element": p.element, "message": p.message} for p in found]
    items = [item.as_dict() for item in outline(catalogue)] if catalogue is not None else []
    sys.stdout.write(json.dumps({"problems": problems, "outline": items}, ensure_ascii=True))


if __name__ == "__main__":
    main()
