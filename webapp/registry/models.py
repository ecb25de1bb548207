"""Regions, organisations with their name history and predecessors, honours and awards."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class Region(Model):
    """A node of the tree province → city → county; codes are GB/T 2260 or local (zones, 省直, 市直)."""

    __tablename__ = "regions"
    __table_args__ = (
        CheckConstraint("level in ('province', 'city', 'county')", name="level"),
        Index("ix_regions_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"), index=True)
    level: Mapped[str]
    kind: Mapped[str] = mapped_column(default="administrative")
    """``administrative``, ``zone`` (经开区 and the like) or ``line`` (省直, 市直)."""
    path: Mapped[str]
    """Codes from the province down, joined by ``/``: a subtree is a prefix."""


class Organisation(Model):
    """A civilisation office, a department or a unit.

    ``region_code`` is the explicit jurisdiction; ``None`` waits for a person to place it, because
    names do not tell it.
    """

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("kind in ('office', 'department', 'unit')", name="kind"),
        CheckConstraint("status in ('active', 'dissolved')", name="status"),
        Index("ix_organisations_office", "region_code", unique=True, postgresql_where="kind = 'office'"),
        Index("ix_organisations_uscc", "uscc", unique=True, postgresql_where="uscc IS NOT NULL"),
        Index("ix_organisations_waiting", "waiting_code", postgresql_where="region_code IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"), index=True)
    printed_region: Mapped[str | None]
    """Where the source says the organisation lies, as printed; kept beside the jurisdiction."""
    waiting_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    """The region whose office places it while it has no jurisdiction: decides who sees it until then."""
    city_direct: Mapped[bool] = mapped_column(default=False)
    uscc: Mapped[str | None]
    unit_kind: Mapped[str | None]
    sector: Mapped[str | None]
    ownership: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="active")
    superior_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    """Who is told when it is late, where that is not the office above."""
    source: Mapped[str | None]
    created_at: Mapped[datetime]


class OrganisationName(Model):
    """A name that an organisation bore, with what is known of when."""

    __tablename__ = "organisation_names"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(index=True)
    since: Mapped[date | None]
    until: Mapped[date | None]
    source: Mapped[str | None]


class Predecessor(Model):
    """A proposed, confirmed or rejected statement that one organisation continues another."""

    __tablename__ = "predecessors"
    __table_args__ = (
        UniqueConstraint("organisation_id", "predecessor_id"),
        CheckConstraint("status in ('proposed', 'confirmed', 'rejected')", name="status"),
        CheckConstraint("(status = 'proposed') = (decided_by IS NULL AND decided_at IS NULL)", name="decided"),
        CheckConstraint("organisation_id <> predecessor_id", name="distinct"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    predecessor_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    status: Mapped[str] = mapped_column(default="proposed")
    reason: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]


class Honour(Model):
    """A definition of an honour (表彰); ``rank`` grows with its standing."""

    __tablename__ = "honours"
    __table_args__ = (CheckConstraint("level in ('county', 'city', 'provincial', 'national')", name="level"),)

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[str]
    rank: Mapped[int]


class Award(Model):
    """An honour held by a unit in a term (届), under the name that it was given to."""

    __tablename__ = "awards"
    __table_args__ = (
        UniqueConstraint("organisation_id", "honour_code", "term", "granted_name"),
        CheckConstraint("status in ('valid', 'revoked', 'lapsed')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    honour_code: Mapped[str] = mapped_column(ForeignKey("honours.code"))
    term: Mapped[str]
    granted_name: Mapped[str]
    document_number: Mapped[str | None]
    granted_on: Mapped[date | None]
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("instances.id"), unique=True)
    status: Mapped[str] = mapped_column(default="valid")
    source: Mapped[str | None]
