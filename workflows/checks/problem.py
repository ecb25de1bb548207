"""What a check says: one problem at one element, in Chinese, with what to do about it."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `element` is the id of an element, flow or process, empty for the whole file; `code` is stable."""

    severity: Severity
    code: str
    element: str
    message: str
