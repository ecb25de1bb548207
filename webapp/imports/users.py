"""Plan an import of accounts: who is new, who changes post, and what the importer may not give; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from forms.habits import check_named
from webapp.accounts.management_rules import (
    Post,
    grantable_roles,
    is_username,
    misplaced_roles,
    reaches,
)
from webapp.accounts.models import ROLES
from webapp.imports.headers import Record, Table, plain
from webapp.imports.known import Reach
from webapp.imports.report import Item, Progress, Report, each_row, nobody_waits, start_report
from webapp.registry.places import squeeze

_ROLE_NAMES = {plain(name): code for code, name in ROLES.items()} | {plain(code): code for code in ROLES}
_LABELS = {"name": "姓名", "organisation_id": "单位", "roles": "角色", "email": "邮箱", "mobile": "手机"}


@dataclass(frozen=True)
class Employer:
    """An organisation that an account may belong to."""

    id: int
    name: str
    uscc: str | None
    post: Post


@dataclass(frozen=True)
class Account:
    """An account as it is, or as the file wants it; ``id`` is ``None`` for a new one."""

    id: int | None
    username: str
    name: str
    organisation_id: int
    roles: frozenset[str]
    email: str | None
    mobile: str | None


@dataclass(frozen=True)
class KnownPeople:
    """Facts for an import of users; ``accounts`` holds every account, in reach or not, by username."""

    employers: list[Employer]
    accounts: Mapping[str, Account]
    posts: Mapping[int, Post]


@dataclass
class UserPlan:
    """The report, the accounts to create and those to change (as they will be)."""

    report: Report
    added: list[tuple[Item, Account]] = field(default_factory=list)
    changed: list[Account] = field(default_factory=list)


def plan_users(table: Table, known: KnownPeople, reach: Reach, done: Progress = nobody_waits) -> UserPlan:
    """Say what each row of a file of users would change."""
    plan = UserPlan(start_report(table))
    by_name: dict[str, list[Employer]] = {}
    for employer in known.employers:
        by_name.setdefault(squeeze(employer.name), []).append(employer)
        if employer.uscc:
            by_name.setdefault(employer.uscc, []).append(employer)
        by_name.setdefault(f"#{employer.id}", []).append(employer)
    seen: dict[str, int] = {}
    for item, record in each_row(plan.report, table, done):
        _plan_row(plan, item, record, known, reach, by_name, seen)
    plan.report.changes = len(plan.added) + len(plan.changed)
    return plan


def _plan_row(
    plan: UserPlan,
    item: Item,
    record: Record,
    known: KnownPeople,
    reach: Reach,
    by_name: Mapping[str, list[Employer]],
    seen: dict[str, int],
) -> None:
    username = _read_username(item, record.get("username"), seen)
    employer = _read_employer(item, record.get("organisation"), by_name)
    roles = _read_roles(item, record.get("roles"))
    if not record.get("name") or len(record.get("name")) > 100:
        item.refuse("name", "name", "没有填写姓名，或姓名超过 100 个字。")
    contact = {kind: _read_contact(item, kind, record.get(kind)) for kind in ("email", "mobile")}
    if item.is_refused or employer is None:
        return
    _refuse_rights(item, roles, employer.post, reach)
    old = known.accounts.get(username)
    if old is not None:
        _refuse_foreign(item, old, known, reach)
    if item.is_refused:
        return
    given = record.values
    wanted = Account(
        old.id if old else None,
        username,
        record.get("name"),
        employer.id,
        roles,
        contact["email"] if "email" in given or not old else old.email,
        contact["mobile"] if "mobile" in given or not old else old.mobile,
    )
    _note(plan, item, old, wanted)


def _note(plan: UserPlan, item: Item, old: Account | None, wanted: Account) -> None:
    if old is None:
        plan.added.append((item, wanted))
        return
    differences = [label for name, label in _LABELS.items() if getattr(old, name) != getattr(wanted, name)]
    if differences:
        item.flag("account_changes", "username", "已有账号，将修改：" + "、".join(differences))
        plan.changed.append(wanted)
    else:
        item.note("known", "username", "已登记，没有变化。")


def _read_username(item: Item, text: str, seen: dict[str, int]) -> str:
    username = text.lower()
    if not is_username(username):
        item.refuse("username", "username", "用户名应为 2 至 64 个字符，不含空白和斜线。")
        return username
    if username != text:
        item.flag("username_case", "username", f"用户名不分大小写，登记为 {username}。")
    if username in seen:
        item.refuse("repeated", "username", f"用户名与第 {seen[username]} 行重复。")
    seen.setdefault(username, item.row)
    return username


def _read_employer(item: Item, text: str, by_name: Mapping[str, list[Employer]]) -> Employer | None:
    plain_text = squeeze(text)
    found = by_name.get(plain_text) or by_name.get(plain_text.upper()) or by_name.get(f"#{plain_text}") or []
    if len(found) == 1:
        return found[0]
    if not found:
        item.refuse("unknown_organisation", "organisation", f"没有登记“{text}”，或不在您的管辖范围内。请先导入单位。")
    else:
        item.refuse("ambiguous_organisation", "organisation", f"有 {len(found)} 个“{text}”，请改填统一社会信用代码。")
    return None


def _read_roles(item: Item, text: str) -> frozenset[str]:
    words = [word for word in re.split(r"[、,，;；|/\s]+", text) if word]
    unknown = [word for word in words if plain(word) not in _ROLE_NAMES]
    if not words:
        item.refuse("roles", "roles", "没有填写角色，可填：" + "、".join(ROLES.values()))
    for word in unknown:
        item.refuse("unknown_role", "roles", f"没有“{word}”这个角色，可填：{'、'.join(ROLES.values())}。")
    return frozenset(_ROLE_NAMES[plain(word)] for word in words if word not in unknown)


def _read_contact(item: Item, kind: str, text: str) -> str | None:
    """A wrong address or number is kept as written and flagged: it must not keep a person from working."""
    if not text:
        return None
    checked = check_named(kind, text)
    label = _LABELS[kind]
    if checked.problem is not None:
        item.flag(f"wrong_{kind}", kind, checked.problem.text(label) + "（照原样登记）")
        return text[:200]
    if checked.value != text:
        item.flag(f"{kind}_written", kind, f"“{text}”登记为 {checked.value}。")
    return checked.value


def _refuse_rights(item: Item, roles: frozenset[str], post: Post, reach: Reach) -> None:
    misplaced = misplaced_roles(roles, post)
    if misplaced:
        item.refuse("misplaced_role", "roles", f"{_names(misplaced)} 不适用于这类单位，请核对角色或所属单位。")
    if reach.actor is not None and not (roles <= grantable_roles(reach.actor) and reaches(reach.actor, post)):
        item.refuse("not_allowed", "roles", "您无权在这个单位授予这些角色。")


def _refuse_foreign(item: Item, old: Account, known: KnownPeople, reach: Reach) -> None:
    if reach.actor is None:
        return
    post = known.posts.get(old.organisation_id)
    mine = post is not None and reaches(reach.actor, post) and old.roles <= grantable_roles(reach.actor)
    if not mine or old.id == reach.actor.user_id:
        item.refuse("username_taken", "username", "这个用户名已被使用，或该账号不归您管理。")


def _names(roles: frozenset[str]) -> str:
    return "、".join(ROLES[role] for role in sorted(roles))
