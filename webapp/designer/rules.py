"""Who may change a draft now, and what a new process may be called. Pure."""

import re
from datetime import datetime, timedelta

LAPSES_AFTER = timedelta(minutes=5)
"""Without a sign of life the draft is free again: a closed laptop must not keep others out."""
MOST_FORMS = 200
MOST_TABLES = 50
MOST_BYTES = 2_000_000
"""Of one diagram, form or table in a draft."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


def is_key(text: str) -> bool:
    """Whether ``text`` may name a process, a form or a decision: snake_case, at most 64 characters."""
    return _KEY.fullmatch(text) is not None


def is_held(editor_id: int | None, seen_at: datetime | None, now: datetime) -> bool:
    """Whether somebody is editing: they have it, and gave a sign of life lately."""
    return editor_id is not None and seen_at is not None and now - seen_at < LAPSES_AFTER
