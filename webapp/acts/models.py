"""Rows of the acts beside deciding, and how lists read them.

- **Handed on (转办)**: ``tasks.handed_to`` names the one person whom the task is for now; with ``request_id`` that
  person was only asked (委派, 加签) and it comes back. Their row in ``task_candidates`` says so in ``reason``.
- **委托给我的**: the open candidate rows of a person with ``on_behalf_of`` or a ``reason`` of :data:`ENTRUSTED`; it
  names the absent person. Deputies are ordinary candidates, so that every list, count and right agrees.
- **暂缓**: the rows of :class:`Snooze` of a person with ``until`` in the future; other lists leave those tasks out.
- **抄送我的**: the rows of :class:`CarbonCopy` of a person, newest first; ``read_at`` is the unread marker.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, INTEGER, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model

ENTRUSTED = ("deputy", "leader", "delegate", "signer")
"""Reasons of candidates who act for somebody else, or at somebody's request; ``transfer`` makes a task one's own."""


class Snooze(Model):
    """A person put a task off (暂缓); it comes back into the lists by itself when ``until`` has come."""

    __tablename__ = "snoozes"
    __table_args__ = (Index("ix_snoozes_user", "user_id", "until"),)

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    until: Mapped[datetime]
    """The beginning of the day on which it comes back."""
    at: Mapped[datetime]


class CarbonCopy(Model):
    """A case that a person was told of (抄送) without having to act; ``sent_by`` is empty where the diagram says so."""

    __tablename__ = "carbon_copies"
    __table_args__ = (
        Index("ix_carbon_copies_user", "user_id", "id"),
        Index("ix_carbon_copies_unread", "user_id", postgresql_where="read_at IS NULL"),
        Index("ix_carbon_copies_instance", "instance_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"))
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"))
    """The step at which it was sent."""
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    sent_at: Mapped[datetime]
    words: Mapped[str | None]
    read_at: Mapped[datetime | None]


class Comment(Model):
    """What somebody said about a case without deciding anything; ``mentioned`` were told."""

    __tablename__ = "comments"
    __table_args__ = (Index("ix_comments_instance", "instance_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"))
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    text: Mapped[str]
    mentioned: Mapped[list[int]] = mapped_column(ARRAY(INTEGER))


class Nudge(Model):
    """Somebody who waits asked for haste (催办): once per case and working day, which the key holds."""

    __tablename__ = "nudges"
    __table_args__ = (UniqueConstraint("instance_id", "day"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"))
    day: Mapped[date]
    """The working day; a rest day counts with the working day before it."""
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"))
    by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    words: Mapped[str | None]


class TaskRequest(Model):
    """Somebody asked another person to give an opinion first, to countersign, or to sign as well.

    ``delegate`` (委派) and ``before`` (前加签): the task goes to ``asked_id`` and comes back to ``asker_id`` with the
    opinion. ``after`` (后加签): the decision takes effect when ``asked_id`` agrees. ``co_sign``: one more signer of a
    multi-instance, a task of their own (``signer_task``).

    ``ended``: the task was closed, or the case was over, before they answered; if it opens again they are asked again.
    """

    __tablename__ = "task_requests"
    __table_args__ = (
        CheckConstraint("kind in ('delegate', 'before', 'after', 'co_sign')", name="kind"),
        CheckConstraint("status in ('waiting', 'open', 'answered', 'withdrawn', 'void', 'ended')", name="status"),
        CheckConstraint("(status = 'answered') = (answered_at IS NOT NULL)", name="answered"),
        Index("ix_task_requests_task", "task_id", "id"),
        Index("ix_task_requests_instance", "instance_id", postgresql_where="status in ('waiting', 'open')"),
        Index("ix_task_requests_asked", "asked_id", postgresql_where="status in ('waiting', 'open')"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"))
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"))
    kind: Mapped[str]
    status: Mapped[str]
    asker_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    item: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    """Of a co-signer: what stands for them in the list of signers."""
    signer_task: Mapped[UUID | None]
    words: Mapped[str | None]
    asked_at: Mapped[datetime]
    was_handed_to: Mapped[int | None]
    """Whom the task was for before it was asked about."""
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    agrees: Mapped[bool | None]
    opinion: Mapped[str | None]


class HeldDecision(Model):
    """A decision that waits for those who countersign it (后加签); nothing of it has taken effect."""

    __tablename__ = "held_decisions"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    actor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    on_behalf_of: Mapped[int | None]
    at: Mapped[datetime]
    answers: Mapped[dict[str, Any]]


class TaskReturn(Model):
    """A case was sent back (退回) from ``task_id`` to ``to_element``.

    With ``parked`` the engine's branch was set aside as it was; when the correction is done it is put back, so that
    the case comes straight back to whoever returned it and nothing that others did meanwhile is lost.
    """

    __tablename__ = "task_returns"
    __table_args__ = (Index("ix_task_returns_instance", "instance_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"))
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"))
    element: Mapped[str]
    to_element: Mapped[str]
    returned_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    on_behalf_of: Mapped[int | None]
    at: Mapped[datetime]
    reason: Mapped[str]
    parked: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    came_back_at: Mapped[datetime | None]


class KeptState(Model):
    """The state before the last decision on an instance, for taking it back (撤回) while nobody has acted since."""

    __tablename__ = "kept_states"

    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"), primary_key=True)
    task_id: Mapped[UUID]
    actor_id: Mapped[int]
    at: Mapped[datetime]
    version: Mapped[int]
    """Of the instance before the decision; it is one more while nothing has happened since."""
    state: Mapped[str]
    data: Mapped[dict[str, Any]]
    way: Mapped[dict[str, Any]]
    waits: Mapped[list[Any]]


class RecalledDecision(Model):
    """A decision that its author took back: kept word for word, out of the way of everything that counts decisions."""

    __tablename__ = "recalled_decisions"
    __table_args__ = (Index("ix_recalled_decisions_instance", "instance_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"))
    task_id: Mapped[UUID]
    element: Mapped[str]
    round: Mapped[int]
    actor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    on_behalf_of: Mapped[int | None]
    at: Mapped[datetime]
    outcome: Mapped[str | None]
    answers: Mapped[dict[str, Any]]
    recalled_at: Mapped[datetime]
    recalled_by: Mapped[int]
    reason: Mapped[str]
