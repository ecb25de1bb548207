"""Place the shapes of a diagram anew, in a process of its own with bounded time and memory."""

import subprocess
import sys
from typing import Final

from webapp.config import ROOT
from webapp.problems import invalid
from workflows.safe_xml import UnsafeXmlError, parse_xml

_SECONDS: Final = 5.0
_TOO_HEAVY: Final = "流程图过大或过于复杂，没有在限定的时间内排完版。请拆分成较小的流程图后再试。"


def lay_out(bpmn: str) -> str:
    """The same diagram with pools, lanes, steps, notes, data and lines in columns and rows.

    Raises:
        Invalid: it cannot be read, or takes too long.
    """
    given = bpmn.encode()
    try:
        parse_xml(given)
    except UnsafeXmlError as error:
        raise invalid("bpmn", "unreadable", f"流程图无法读取：{error.message}") from error
    command = [sys.executable, "-m", "workflows.picture"]
    try:
        done = subprocess.run(  # noqa: S603 (our own module, the file on standard input)
            command, input=given, capture_output=True, timeout=_SECONDS, check=True, cwd=ROOT
        )
    except subprocess.SubprocessError as error:
        raise invalid(
            "bpmn", "too_heavy", "流程图过大或过于复杂，没有在限定的时间内排完版。请拆分成较小的流程图后再试。"
        ) from error
    return done.stdout.decode()
