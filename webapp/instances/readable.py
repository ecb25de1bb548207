"""Which answers of a case a person may read. Pure: asks nobody, so that pages, prints and files agree.

Offices read everything within their scope, but not what the offices beside them wrote: of a case that asks several
counties, each sees its own part. A unit reads its own answers, and of offices what is meant for it: the
outcome, reasons, opinions and answers; of steps that offices keep among themselves only outcome and reasons. A
consulted department reads what the unit declared and what it wrote itself.
"""

from collections.abc import Mapping
from typing import Any

from webapp.access import Actor, lies_in

REASONS = frozenset({"outcome", "reasons", "reject_reason", "return_reason"})
MEANT_FOR_UNITS = REASONS | {"opinion", "answer", "reason"}
COMMENTS = ("reject_reason", "opinion", "answer", "reason")
"""Of the readable answers the one that the timeline quotes."""


def readable(
    actor: Actor,
    subject_id: int | None,
    author_id: int,
    author_kind: str,
    answers: Mapping[str, Any],
    *,
    is_internal: bool = False,
    is_shared: bool = False,
    author_path: str | None = None,
) -> Mapping[str, Any] | None:
    """The part of a submission that ``actor`` may read; ``None`` where not even its outcome is for them.

    Args:
        subject_id: the unit that the case is about.
        author_id: the organisation of the person who answered.
        author_kind: ``office``, ``department`` or ``unit``.
        answers: the answers as submitted.
        is_internal: the step is one that offices keep among themselves.
        is_shared: the step is one that every unit of the case reads, whoever wrote it.
        author_path: region path of the author's organisation.
    """
    if is_beside(actor, author_path) and not is_shared:
        return None
    if actor.is_office or author_id in {actor.organisation_id, subject_id}:
        return answers
    if not actor.is_unit:
        return None
    if is_shared:
        return answers
    meant = REASONS if is_internal else MEANT_FOR_UNITS
    keys = meant if author_kind == "office" else {"outcome"}
    return {key: value for key, value in answers.items() if key in keys}


def is_beside(actor: Actor, author_path: str | None) -> bool:
    """Whether an office reads what an office of another county or city wrote: neither lies in the other's region."""
    if not actor.is_office or not author_path or not actor.region_path:
        return False
    return not (lies_in(author_path, actor.region_path) or lies_in(actor.region_path, author_path))
