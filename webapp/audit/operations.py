"""Write the audit log: with the decision that it records, or, for refusals, in a transaction of its own."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict, Unpack

from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.database import transaction
from webapp.statements import Statement

WRITTEN = """
    INSERT INTO audit_entries (
        at, business_at, actor_id, on_behalf_of, machine, address, act, refused, instance_id, subject, before, after
    ) VALUES (
        :at, :business_at, :actor_id, :on_behalf_of, :machine, :address, :act, :refused, :instance_id, :subject,
        :before, :after
    )
"""
JSON = ("before", "after")
"""The statement of one entry, to stand alone or among others, and which of its values are JSON."""
_ENTRY = Statement(WRITTEN, json=JSON)
_ENTRIES = Statement(
    """
    INSERT INTO audit_entries (at, business_at, machine, act, refused, instance_id, subject, before, after)
    SELECT :at, :business_at, true, :act, false, e.instance_id, e.subject, e.before, e.after
    FROM jsonb_to_recordset(:entries) AS e(instance_id bigint, subject text, before jsonb, after jsonb)
""",
    json=["entries"],
)


class About(TypedDict, total=False):
    """What an entry may say beside who did what."""

    instance_id: int | None
    subject: str | None
    """What it was done to, e.g. ``task:7f…`` or ``user:12``."""
    before: dict[str, Any] | None
    """What the subject was, plain JSON."""
    after: dict[str, Any] | None
    """What it became, plain JSON."""
    refused: bool
    address: str | None
    """Where it came from, where nobody is logged in."""
    on_behalf_of: int | None
    """The absent person for whom the actor stands in."""


_NOTHING: Final = dict.fromkeys(("instance_id", "subject", "before", "after", "address", "on_behalf_of"))


def record(session: Session, actor: Actor | None, act: str, **about: Unpack[About]) -> None:
    """Add one entry in the caller's transaction; arguments as for :func:`entry`."""
    write_entry(session, entry(actor, act, **about))


def write_entry(session: Session, values: Mapping[str, Any]) -> None:
    """Add an entry that :func:`entry` made in the caller's transaction."""
    _ENTRY.execute(session, values)


def entry(actor: Actor | None, act: str, **about: Unpack[About]) -> dict[str, Any]:
    """The values of :data:`WRITTEN`; ``actor`` is ``None`` for acts of the machine or the public.

    Args:
        act: dotted verb, e.g. ``task.complete``.
    """
    values = {**_NOTHING, "refused": False, **about}
    who = {
        "actor_id": actor.user_id if actor else None,
        "machine": actor is None and values["address"] is None,
        "address": actor.address if actor else values["address"],
    }
    return {**values, **who, "act": act, "at": clock.real_now(), "business_at": clock.now()}


def record_batch(session: Session, act: str, entries: Sequence[dict[str, Any]]) -> None:
    """Add entries of one act of the machine's, in order, by one statement.

    Args:
        entries: of ``instance_id``, ``subject``, ``before`` and ``after`` what there is, as :func:`record` takes it.
    """
    row = {"at": clock.real_now(), "business_at": clock.now(), "act": act, "entries": list(entries)}
    _ENTRIES.execute(session, row)


def record_refusal(actor: Actor | None, act: str, reason: str, *, subject: str | None, address: str | None) -> None:
    """Record an attempt that was refused; commits by itself, whatever becomes of the request."""
    tried = subject and subject.replace("\x00", "\\x00")
    with transaction() as session:
        record(session, actor, act, subject=tried, after={"reason": reason}, refused=True, address=address)
