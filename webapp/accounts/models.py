"""Users, what they may do where, their sessions and the failed attempts that throttle them."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model

ROLES = {
    "unit_clerk": "文明专干",
    "unit_leader": "单位负责人",
    "county_reviewer": "县级审核员",
    "city_reviewer": "市级审核员",
    "city_leader": "市级负责人",
    "provincial_officer": "省级经办人",
    "inspector": "测评员",
    "department_consultee": "征求意见联系人",
    "supervisor": "社会监督员",
    "process_designer": "流程设计员",
    "auditor": "审计员",
    "administrator": "系统管理员",
}


class User(Model):
    """A person with a login; belongs to one organisation and holds roles there."""

    __tablename__ = "users"
    __table_args__ = (
        Index("ix_users_roles", "roles", postgresql_using="gin"),
        CheckConstraint("username = lower(username)", name="username_lower"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    roles: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    email: Mapped[str | None]
    mobile: Mapped[str | None]
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Who is told first when this person is late; otherwise the leaders of the organisation."""
    password_hash: Mapped[str]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class LoginSession(Model):
    """A browser session or an API token, known to the server by the digest of its secret alone."""

    __tablename__ = "login_sessions"
    __table_args__ = (CheckConstraint("kind in ('browser', 'token')", name="kind"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    address: Mapped[str | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class PeopleChange(Model):
    """A mark that triggers leave once in each transaction that changes what is known of people.

    That is users, organisations and regions, and sessions that end; see ``webapp.accounts.known``.
    """

    __tablename__ = "people_changes"

    transaction: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(primary_key=True)


class LoginFailure(Model):
    """One failed login; counted per account and per address."""

    __tablename__ = "login_failures"
    __table_args__ = (
        Index("ix_login_failures_username", "username", "at"),
        Index("ix_login_failures_address", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]
