"""Programmes of pairing, the units to be helped, pairs with their help as it was logged, visited and evaluated."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model

LIVE = "status in ('confirmed', 'active')"


class Programme(Model):
    """What a city sets up for one kind of pairing: dates, targets, weights and the indicators of evaluation."""

    __tablename__ = "pairing_programmes"
    __table_args__ = (
        CheckConstraint("kind in ('assist', 'joint', 'cross_region')", name="kind"),
        CheckConstraint("status in ('open', 'closed')", name="status"),
        CheckConstraint("silent_days between 1 and 366", name="silent_days"),
        CheckConstraint("(reported_at IS NULL) = (reported_by IS NULL)", name="reported"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    kind: Mapped[str]
    title: Mapped[str]
    source: Mapped[str]
    """The document and paragraph that it rests on, as printed."""
    report_on: Mapped[date]
    """The printed date before which the list goes to the province; never moved, holiday or not."""
    silent_days: Mapped[int] = mapped_column(default=45)
    target_months: Mapped[dict[str, Any]]
    """Code of the honour → after how many months it should be reached."""
    weights: Mapped[dict[str, Any]]
    """What counts how much in a proposal: sector, distance, experience, load."""
    indicators: Mapped[list[Any]]
    """What an evaluation scores: ``{label, max}`` in order."""
    status: Mapped[str] = mapped_column(default="open")
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    reported_at: Mapped[datetime | None]
    reported_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class HelpedUnit(Model):
    """A unit that a programme helps: an approved nominee, or named directly by the city."""

    __tablename__ = "pairing_helped_units"
    __table_args__ = (CheckConstraint("origin in ('nominee', 'city')", name="origin"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("pairing_programmes.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True, index=True)
    target_honour: Mapped[str] = mapped_column(ForeignKey("honours.code"))
    origin: Mapped[str]
    named_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    named_at: Mapped[datetime]


class MatchingRun(Model):
    """One computation of the best assignment, in the background; ``rest`` says who found nobody and why."""

    __tablename__ = "pairing_matchings"
    __table_args__ = (
        CheckConstraint("status in ('waiting', 'running', 'done', 'failed')", name="status"),
        CheckConstraint("progress between 0 and 100", name="progress"),
        Index(
            "uq_pairing_matchings_open",
            "programme_id",
            unique=True,
            postgresql_where="status in ('waiting', 'running')",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("pairing_programmes.id"), index=True)
    status: Mapped[str] = mapped_column(default="waiting")
    progress: Mapped[int] = mapped_column(default=0)
    step: Mapped[str | None]
    pairs: Mapped[int | None]
    rest: Mapped[list[Any]] = mapped_column(default=list)
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Pairing(Model):
    """One helper and one helped unit: proposed, confirmed by a person, at work, ended.

    One to one in principle: the indexes hold it, except where a second pair has a reason and somebody who approved.
    """

    __tablename__ = "pairings"
    __table_args__ = (
        CheckConstraint("kind in ('assist', 'joint', 'cross_region')", name="kind"),
        CheckConstraint("status in ('proposed', 'confirmed', 'active', 'ended', 'dropped')", name="status"),
        CheckConstraint("helper_id <> helped_id", name="distinct"),
        CheckConstraint("(status in ('confirmed', 'active', 'ended')) = (confirmed_by IS NOT NULL)", name="confirmed"),
        CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint(
            "NOT is_exception OR status in ('proposed', 'dropped') "
            "OR (exception_reason IS NOT NULL AND approved_by IS NOT NULL)",
            name="exception",
        ),
        Index(
            "uq_pairings_helper",
            "kind",
            "helper_id",
            unique=True,
            postgresql_where="status in ('confirmed', 'active') AND NOT is_exception",
        ),
        Index(
            "uq_pairings_helped",
            "kind",
            "helped_id",
            unique=True,
            postgresql_where="status in ('confirmed', 'active') AND NOT is_exception",
        ),
        Index(
            "uq_pairings_proposed",
            "programme_id",
            "helper_id",
            "helped_id",
            unique=True,
            postgresql_where="status in ('proposed', 'confirmed', 'active')",
        ),
        Index("ix_pairings_helped_path", "helped_path", "id", postgresql_ops={"helped_path": "text_pattern_ops"}),
        Index("ix_pairings_helper_path", "helper_path", "id", postgresql_ops={"helper_path": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("pairing_programmes.id"), index=True)
    kind: Mapped[str]
    helper_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    helped_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    helper_path: Mapped[str]
    helped_path: Mapped[str]
    target_honour: Mapped[str] = mapped_column(ForeignKey("honours.code"))
    target_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(default="proposed")
    origin: Mapped[str] = mapped_column(default="person")
    """``machine``: proposed by a matching; ``person``: somebody put the two together."""
    is_pinned: Mapped[bool] = mapped_column(default=False)
    score: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    """Why this score: ``{name, weight, points, text}``."""
    is_exception: Mapped[bool] = mapped_column(default=False)
    exception_reason: Mapped[str | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    proposed_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    confirmed_at: Mapped[datetime | None]
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("instances.id"), unique=True)
    active_since: Mapped[date | None]
    last_log_on: Mapped[date | None]
    """When something was last done, as logged; silence counts from here."""
    milestones: Mapped[int] = mapped_column(default=0)
    milestones_done: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class Signature(Model):
    """Who signed the agreement for a side, and when."""

    __tablename__ = "pairing_signatures"
    __table_args__ = (CheckConstraint("side in ('helper', 'helped')", name="side"),)

    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"), primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    signed_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    signed_at: Mapped[datetime]
    representative: Mapped[str]


class Milestone(Model):
    """What the plan wants to have done by when."""

    __tablename__ = "pairing_milestones"
    __table_args__ = (UniqueConstraint("pairing_id", "year", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"))
    year: Mapped[int]
    position: Mapped[int]
    title: Mapped[str]
    due_on: Mapped[date]
    responsible: Mapped[str | None]
    done_on: Mapped[date | None]


class Log(Model):
    """What was done in a month: several rows while the month is open, the closing one says so."""

    __tablename__ = "pairing_logs"
    __table_args__ = (Index("ix_pairing_logs_month", "pairing_id", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"))
    month: Mapped[date]
    """Its first day."""
    entries: Mapped[list[Any]]
    """``{on, kind, what, who}``; empty where nothing was done, with the reason."""
    photos: Mapped[list[Any]] = mapped_column(default=list)
    """Ids of the attachments that show it."""
    nothing_reason: Mapped[str | None]
    is_closing: Mapped[bool]
    written_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """``None``: nobody wrote anything, and the machine closed the month as missed."""
    written_at: Mapped[datetime]


class Visit(Model):
    """A supervision visit (明察暗访): asked for by an office, with what was found."""

    __tablename__ = "pairing_visits"
    __table_args__ = (
        CheckConstraint("verdict IS NULL OR verdict in ('real', 'weak', 'sham')", name="verdict"),
        CheckConstraint("(verdict IS NULL) = (visited_on IS NULL)", name="done"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"), index=True)
    is_announced: Mapped[bool]
    purpose: Mapped[str]
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    visited_on: Mapped[date | None]
    visited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    findings: Mapped[str | None]
    verdict: Mapped[str | None]


class Evaluation(Model):
    """A mid-term or yearly evaluation by the indicators of the programme."""

    __tablename__ = "pairing_evaluations"
    __table_args__ = (CheckConstraint("kind in ('midterm', 'year')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"), index=True)
    kind: Mapped[str]
    scores: Mapped[dict[str, Any]]
    total: Mapped[Decimal] = mapped_column(Numeric(7, 2))
    full: Mapped[Decimal] = mapped_column(Numeric(7, 2))
    opinion: Mapped[str | None]
    evaluated_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    evaluated_at: Mapped[datetime]


class Recognition(Model):
    """A commendation or an interview (约谈): proposed by the city, decided by the province."""

    __tablename__ = "pairing_recognitions"
    __table_args__ = (
        CheckConstraint("kind in ('commend', 'interview')", name="kind"),
        CheckConstraint("status in ('proposed', 'approved', 'rejected', 'held')", name="status"),
        CheckConstraint("(status = 'proposed') = (decided_by IS NULL)", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"), index=True)
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default="proposed")
    reason: Mapped[str]
    proposed_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    document_number: Mapped[str | None]
    record: Mapped[str | None]


class Reminder(Model):
    """A missing month that somebody was told of: each stage once."""

    __tablename__ = "pairing_reminders"
    __table_args__ = (CheckConstraint("stage in ('both', 'county')", name="stage"),)

    pairing_id: Mapped[int] = mapped_column(ForeignKey("pairings.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    told_at: Mapped[datetime]


class Handbook(Model):
    """What a city tells its pairs about how to work together."""

    __tablename__ = "pairing_handbooks"

    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)
    text: Mapped[str]
    changed_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime]
