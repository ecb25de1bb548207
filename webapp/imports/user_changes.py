"""Read what accounts there are, and carry out a plan for accounts."""

from flask import current_app
from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.accounts.bootstrap import one_time_password
from webapp.accounts.management_rules import Post
from webapp.accounts.models import User
from webapp.accounts.operations import hash_password
from webapp.audit.operations import record
from webapp.demo.passwords import find_password
from webapp.imports.headers import Table
from webapp.imports.known import Reach, within
from webapp.imports.report import Item, Progress
from webapp.imports.users import Account, Employer, KnownPeople, UserPlan
from webapp.registry.models import Organisation, Region
from webapp.tasks.following import follow_person

UNUSABLE = "!"
"""In place of a password hash: nobody can log in until an office resets the password."""


def load_people(session: Session, table: Table, reach: Reach) -> KnownPeople:
    """The organisations in reach, and the accounts that the file names, wherever they are."""
    usernames = {record.get("username").lower() for record in table.records}
    accounts = {
        user.username: Account(
            user.id, user.username, user.name, user.organisation_id, frozenset(user.roles), user.email, user.mobile
        )
        for user in session.scalars(select(User).where(User.username.in_(usernames)))
    }
    rows = session.execute(
        select(Organisation.id, Organisation.name, Organisation.uscc, Organisation.kind, Region.level, Region.path)
        .outerjoin(Region, Region.code == Organisation.region_code)
        .where(or_(within(Region.path, reach), Organisation.id.in_({a.organisation_id for a in accounts.values()})))
    ).all()
    posts = {row.id: Post(row.kind, row.level, row.path) for row in rows}
    employers = [
        Employer(row.id, row.name, row.uscc, posts[row.id])
        for row in rows
        if reach.root is None or (row.path and f"{row.path}/".startswith(f"{reach.root}/"))
    ]
    return KnownPeople(employers, accounts, posts)


def apply_users(
    session: Session, plan: UserPlan, actor: Actor | None, *, with_passwords: bool, done: Progress
) -> dict[str, list[int]]:
    """Create and change the accounts of a plan; everybody's open tasks follow.

    Args:
        with_passwords: give each new account a password and put it into the report: the one of the demo
            accounts in a demonstration, else a one-time password. Without, an office resets the password
            of whoever needs it.
        done: hears of every account that is ready: hashing a password takes its time.
    """
    added = _add(session, plan, with_passwords, done)
    changed = [_change(session, account, actor) for account in plan.changed]
    for user_id in (*added, *changed):
        follow_person(session, user_id)
    return {"added": added, "changed": changed}


def _add(session: Session, plan: UserPlan, with_passwords: bool, done: Progress) -> list[int]:
    at = clock.real_now()
    rows = []
    for number, (item, account) in enumerate(plan.added, start=1):
        secret = _supply(item) if with_passwords else {"password_hash": UNUSABLE, "must_change_password": True}
        done(number, len(plan.added))
        rows.append(_values(account) | secret | {"created_at": at})
    if not rows:
        return []
    return list(session.scalars(insert(User).returning(User.id, sort_by_parameter_order=True), rows))


def _supply(item: Item) -> dict[str, object]:
    """A password for a new account, told in its row of the report."""
    settings = current_app.extensions["settings"]
    demo = find_password(settings) if settings.demo else None
    if demo is not None:
        item.password = demo.password
        item.note("demo_password", "password", f"演示系统的统一密码：{demo.password}")
        return {"password_hash": demo.password_hash, "must_change_password": False}
    item.password = one_time_password()
    item.note("one_time_password", "password", f"一次性密码：{item.password}（首次登录须修改）")
    return {"password_hash": hash_password(item.password), "must_change_password": True}


def _values(account: Account) -> dict[str, object]:
    return {
        "username": account.username,
        "name": account.name,
        "organisation_id": account.organisation_id,
        "roles": sorted(account.roles),
        "email": account.email,
        "mobile": account.mobile,
    }


def _change(session: Session, account: Account, actor: Actor | None) -> int:
    user = session.scalars(select(User).where(User.username == account.username).with_for_update()).one()
    before = {"name": user.name, "organisation_id": user.organisation_id, "roles": list(user.roles)}
    user.name, user.organisation_id, user.roles = account.name, account.organisation_id, sorted(account.roles)
    user.email, user.mobile = account.email, account.mobile
    session.flush()
    after = {"name": user.name, "organisation_id": user.organisation_id, "roles": list(user.roles)}
    record(session, actor, "user.change", subject=f"user:{user.id}", before=before, after=after)
    return user.id
