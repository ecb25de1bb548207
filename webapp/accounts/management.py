"""Create, change, disable and reset the accounts of others; each change is recorded and ends what it must end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp import clock
from webapp.absence.notifications import tell_disabled
from webapp.access import Actor
from webapp.accounts.bootstrap import one_time_password
from webapp.accounts.management_rules import (
    Post,
    grantable_roles,
    is_username,
    may_manage,
    misplaced_roles,
    reaches,
)
from webapp.accounts.models import ROLES, LoginFailure, LoginSession, User
from webapp.accounts.operations import hash_password
from webapp.audit.operations import record
from webapp.problems import Conflict, Forbidden, InputError, Invalid, NotFound
from webapp.registry.models import Organisation, Region
from webapp.tasks.following import follow_person


@dataclass(frozen=True)
class Person:
    """What a form says about an account."""

    name: str
    organisation_id: int
    roles: frozenset[str]
    email: str | None = None
    mobile: str | None = None


def create_user(session: Session, actor: Actor, username: str, person: Person) -> tuple[int, str]:
    """Create an account.

    Returns:
        Its number and the one-time password, which must be changed at the first login.

    Raises:
        Invalid: the username is taken or unusable, or the roles do not fit the organisation.
        NotFound: the organisation is out of reach. Forbidden: the actor may not give the roles.
    """
    username = username.strip().lower()
    if not is_username(username):
        raise Invalid([InputError("username", "username", "用户名应为 2 至 64 个字符，不含空白和斜线。")])
    _refuse_post(actor, person.roles, get_post(session, person.organisation_id))
    password = one_time_password()
    user = User(
        username=username,
        name=person.name.strip(),
        organisation_id=person.organisation_id,
        roles=sorted(person.roles),
        email=person.email,
        mobile=person.mobile,
        password_hash=hash_password(password),
        must_change_password=True,
        created_at=clock.real_now(),
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:
        raise Invalid([InputError("username", "taken", "这个用户名已被使用，请换一个。")]) from None
    record(session, actor, "user.create", subject=f"user:{user.id}", after=_facts(user))
    follow_person(session, user.id)
    return user.id, password


def change_user(session: Session, actor: Actor, user_id: int, person: Person) -> None:
    """Change a person's name, post, roles or ways to reach them; their open tasks follow the post."""
    user = _get_managed(session, actor, user_id)
    _refuse_post(actor, person.roles, get_post(session, person.organisation_id))
    before = _facts(user)
    user.name, user.email, user.mobile = person.name.strip(), person.email, person.mobile
    user.organisation_id, user.roles = person.organisation_id, sorted(person.roles)
    after = _facts(user)
    if after == before:
        return
    session.flush()
    record(session, actor, "user.change", subject=f"user:{user.id}", before=before, after=after)
    follow_person(session, user.id)


def give_roles(session: Session, actor: Actor, user_id: int, roles: frozenset[str]) -> None:
    """Give somebody further roles.

    Raises:
        NotFound, Forbidden: the actor may not change the account, or not give these roles.
        Invalid: the roles do not fit the organisation.
    """
    user = _get_managed(session, actor, user_id)
    wanted = roles | frozenset(user.roles)
    change_user(session, actor, user_id, Person(user.name, user.organisation_id, wanted, user.email, user.mobile))


def disable_user(session: Session, actor: Actor, user_id: int) -> None:
    """Close an account: its sessions and tokens end at once, its tasks go to the others."""
    user = _get_managed(session, actor, user_id)
    if user.disabled_at is not None:
        raise Conflict("这个账号已经停用。")
    user.disabled_at = clock.real_now()
    session.flush()
    _end_sessions(session, user.id)
    record(session, actor, "user.disable", subject=f"user:{user.id}")
    follow_person(session, user.id)
    tell_disabled(session, user.id, user.name)


def enable_user(session: Session, actor: Actor, user_id: int) -> None:
    """Open a disabled account again."""
    user = _get_managed(session, actor, user_id)
    if user.disabled_at is None:
        raise Conflict("这个账号没有停用。")
    user.disabled_at = None
    session.flush()
    record(session, actor, "user.enable", subject=f"user:{user.id}")
    follow_person(session, user.id)


def reset_password(session: Session, actor: Actor, user_id: int) -> str:
    """Give a new one-time password; sessions, tokens and counted failures of the account end."""
    user = _get_managed(session, actor, user_id)
    password = one_time_password()
    user.password_hash = hash_password(password)
    user.must_change_password = True
    session.flush()
    _end_sessions(session, user.id)
    session.execute(delete(LoginFailure).where(LoginFailure.username == user.username))
    record(session, actor, "user.reset_password", subject=f"user:{user.id}")
    return password


def get_post(session: Session, organisation_id: int) -> Post:
    """What the rules need of an organisation.

    Raises:
        NotFound: there is none.
    """
    row = session.execute(
        select(Organisation.kind, Region.level, Region.path)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .where(Organisation.id == organisation_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Post(*row)


def _get_managed(session: Session, actor: Actor, user_id: int) -> User:
    """The account, locked; out of reach it does not exist, in reach it may still stand above the actor."""
    user = session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound
    post = get_post(session, user.organisation_id)
    if not reaches(actor, post):
        raise NotFound
    if not may_manage(actor, user.id, frozenset(user.roles), post):
        raise Forbidden("这个账号不由您管理：不能修改本人的账号，也不能修改同级或上级角色的账号。")
    return user


def _refuse_post(actor: Actor, roles: frozenset[str], post: Post) -> None:
    if not reaches(actor, post):
        raise NotFound
    if not roles:
        raise Invalid([InputError("roles", "required", "请至少选择一个角色。")])
    if not roles <= grantable_roles(actor):
        raise Forbidden("您不能授予这些角色，请联系上级文明办或系统管理员。")
    misplaced = misplaced_roles(roles, post)
    if misplaced:
        names = "、".join(ROLES.get(role, role) for role in sorted(misplaced))
        raise Invalid([InputError("roles", "misplaced", f"{names} 不适用于这类单位，请核对角色或所属单位。")])


def _end_sessions(session: Session, user_id: int) -> None:
    session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))


def _facts(user: User) -> dict[str, Any]:
    roles: Sequence[str] = user.roles
    return {
        "username": user.username,
        "name": user.name,
        "organisation_id": user.organisation_id,
        "roles": list(roles),
        "email": user.email,
        "mobile": user.mobile,
    }
