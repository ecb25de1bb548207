"""User tasks as people see them: who may do them, by when, and what was typed so far."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, ForeignKey, Index, func, or_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class Task(Model):
    """A user task (人工任务). The assignment rule is kept so that candidates can follow people's posts."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("status in ('open', 'done', 'cancelled', 'suspended')", name="status"),
        CheckConstraint("(status in ('open', 'suspended')) = (closed_at IS NULL)", name="closed"),
        Index("ix_tasks_instance", "instance_id"),
        Index("ix_tasks_claimed", "claimed_by", "due_at", "id", postgresql_where="status = 'open'"),
        Index("ix_tasks_closed", "closed_by", "closed_at", postgresql_where="closed_by IS NOT NULL"),
        Index(
            "ix_tasks_notice",
            "next_notice_at",
            "id",
            postgresql_where="status = 'open' AND next_notice_at IS NOT NULL",
        ),
        Index("ix_tasks_acts", "acts_at", "id", postgresql_where="status = 'open' AND acts_at IS NOT NULL"),
        Index("ix_tasks_due", "due_at", postgresql_where="status = 'open'"),
        Index("ix_tasks_handed", "handed_to", postgresql_where="handed_to IS NOT NULL AND status = 'open'"),
        Index("ix_tasks_rule", "assigned_region", "assigned_organisation_id", postgresql_where="status = 'open'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id"))
    process: Mapped[str]
    element: Mapped[str]
    name: Mapped[str]
    round: Mapped[int]
    status: Mapped[str] = mapped_column(default="open")
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    due_provisional: Mapped[bool] = mapped_column(default=False)
    """Counted through a year whose holidays are not published yet."""
    due_rule: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """How ``due_at`` is computed again (see ``webapp.deadlines.rules.Rule``); none for a printed date."""

    @hybrid_property
    def due_region(self) -> str | None:
        """Code of the region by whose days the deadline is counted."""
        return (self.due_rule or {}).get("region") or self.assigned_region

    @due_region.inplace.expression
    @classmethod
    def _due_region(cls) -> ColumnElement[str | None]:
        return func.coalesce(cls.due_rule["region"].astext, cls.assigned_region)

    next_notice_at: Mapped[datetime | None]
    """When somebody is told next that it comes due or is late; what lies before ``noticed_at`` is planned again."""
    noticed_at: Mapped[datetime | None]
    """The last stage that was told."""
    acts_at: Mapped[datetime | None]
    """When the system hands it over or decides it, as its diagram declares; at the latest looked at then."""
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    claimed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=0)
    item: Mapped[dict[str, Any]]
    """What distinguishes it among its multi-instance siblings, e.g. the department asked."""
    assigned_roles: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    assigned_region: Mapped[str | None]
    assigned_organisation_id: Mapped[int | None]
    assigned_user_id: Mapped[int | None]
    excluded_organisation_id: Mapped[int | None]
    """The unit under review: its members never decide on it."""
    excluded_elements: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    """Whoever completed one of these on the instance is excluded."""
    came_from: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Whose decision opened it; nobody's where the machine went on by itself."""
    was_returned: Mapped[bool] = mapped_column(default=False)
    """Whether the case was sent back before it came here."""
    honour_code: Mapped[str | None]
    region_path: Mapped[str | None]
    """What the case is for and where it belongs, for lists that are narrowed to it."""
    handed_to: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """While set, it is for this person alone (and their deputies): handed on, or asked about."""
    request_id: Mapped[int | None] = mapped_column(BigInteger)
    """What the person of ``handed_to`` was asked (``webapp.acts.models.TaskRequest``); the task comes back then."""
    return_id: Mapped[int | None] = mapped_column(BigInteger)
    """The return that opened it, where the case goes straight back afterwards (``webapp.acts.models.TaskReturn``)."""
    waiting_signers: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many people have to agree before a decision takes effect."""

    @hybrid_property
    def is_detoured(self) -> bool:
        """Whether completing it means something else than to go on along the diagram."""
        return bool(self.request_id or self.return_id or self.waiting_signers)

    @is_detoured.inplace.expression
    @classmethod
    def _is_detoured(cls) -> ColumnElement[bool]:
        return or_(cls.request_id.is_not(None), cls.return_id.is_not(None), cls.waiting_signers > 0)


class TaskCandidate(Model):
    """A person who may do a task, with the reason why; kept after the task is closed."""

    __tablename__ = "task_candidates"
    __table_args__ = (Index("ix_task_candidates_inbox", "user_id", "due_at", "task_id", postgresql_where="is_open"),)

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    reason: Mapped[str]
    """By rule: ``role``, ``person``, ``substitute`` or ``office_above``. By an act of somebody: ``transfer``,
    ``delegate`` or ``signer``. For somebody absent: ``deputy``, or ``leader`` where no deputy may act on the case."""
    on_behalf_of: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """The absent person for whom a deputy acts."""
    is_open: Mapped[bool] = mapped_column(default=True)
    due_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    """When the person opened it for the first time."""


class Draft(Model):
    """What a person typed at a task and has not submitted."""

    __tablename__ = "drafts"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    answers: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
