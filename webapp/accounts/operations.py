"""Log in and out, hold sessions and tokens, change passwords. Secrets are stored as digests only."""

import hashlib
import secrets
from base64 import b64encode
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.low_level import ARGON2_VERSION
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from webapp import clock
from webapp.access import Actor
from webapp.accounts.models import LoginFailure, LoginSession, PeopleChange, User
from webapp.accounts.rules import FAILURE_WINDOW, is_throttled, password_faults
from webapp.audit.operations import record
from webapp.database import transaction
from webapp.problems import InputError, Invalid, Throttled, Unauthenticated

SESSION_LIFE = timedelta(hours=12)
TOKEN_LIFE = timedelta(days=7)
_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _hasher.hash(password)


def digest(secret: str) -> str:
    """What is stored of a session secret or token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def log_in(session: Session, username: str, password: str, *, kind: str, address: str) -> tuple[str, datetime]:
    """Check a password and open a session (``browser``) or token (``token``).

    Returns:
        The secret for the client and when it expires.

    Raises:
        Throttled: too many failures of this account or address.
        Unauthenticated: wrong name or password, or account disabled; always the same words.
    """
    username = username.strip().lower()[:150]
    _refuse_throttled(session, username, address)
    user = session.scalar(select(User).where(User.username == username))
    good = _verify(user.password_hash if user else _hash_of_nobody(), password)
    if user is None or not good or user.disabled_at is not None:
        _note_failure(username, address)
        raise Unauthenticated("用户名或密码不正确，或账号已停用。忘记密码请联系本级文明办重置。")
    secret = secrets.token_urlsafe(32)
    at = clock.real_now()
    expires = at + (SESSION_LIFE if kind == "browser" else TOKEN_LIFE)
    session.execute(
        insert(LoginSession).values(
            digest=digest(secret),
            kind=kind,
            user_id=user.id,
            address=address,
            created_at=at,
            seen_at=at,
            expires_at=expires,
        )
    )
    record(session, None, "session.open", subject=f"user:{user.id}", after={"kind": kind}, address=address)
    return secret, expires


def _hash_of_nobody() -> str:
    """What no password is known for and takes as long to check: how long it takes tells nobody which accounts exist."""
    salt, value = (b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
    costs = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${value}"


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password[:1024])
    except (VerifyMismatchError, InvalidHashError):
        return False


def _refuse_throttled(session: Session, username: str, address: str) -> None:
    since = clock.real_now() - FAILURE_WINDOW
    by_name, by_address = session.execute(
        select(
            func.count().filter(LoginFailure.username == username),
            func.count().filter(LoginFailure.address == address),
        ).where(LoginFailure.at > since, or_(LoginFailure.username == username, LoginFailure.address == address))
    ).one()
    if is_throttled(by_name, by_address):
        raise Throttled("登录失败次数过多，请 15 分钟后再试，或联系本级文明办重置密码。")


def _note_failure(username: str, address: str) -> None:
    with transaction() as session:
        session.execute(insert(LoginFailure).values(username=username, address=address, at=clock.real_now()))
        record(session, None, "session.open", subject=f"username:{username}", refused=True, address=address)


def log_out(session: Session, actor: Actor, secret: str) -> None:
    """End the session or token of ``secret``."""
    session.execute(delete(LoginSession).where(LoginSession.digest == digest(secret)))
    record(session, actor, "session.close", subject=f"user:{actor.user_id}")


def change_password(session: Session, actor: Actor, current: str, new: str, keep: str | None) -> None:
    """Set the actor's own password and end all their other sessions.

    Args:
        keep: the session secret that stays valid.

    Raises:
        Invalid: the current password is wrong or the new one is too weak.
        Throttled: too many wrong passwords, here or at logins.
    """
    _refuse_throttled(session, actor.username, actor.address or "")
    user = session.get_one(User, actor.user_id, with_for_update=True)
    if not _verify(user.password_hash, current):
        _note_failure(actor.username, actor.address or "")
        raise Invalid([InputError("current", "wrong", "当前密码不正确，请重新输入。")])
    _refuse_weak(new, user.username)
    if _verify(user.password_hash, new):
        raise Invalid([InputError("new", "same", "新密码不能与当前密码相同。")])
    user.password_hash = hash_password(new)
    user.must_change_password = False
    session.flush()
    others = delete(LoginSession).where(LoginSession.user_id == user.id)
    session.execute(others.where(LoginSession.digest != digest(keep)) if keep else others)
    record(session, actor, "password.change", subject=f"user:{user.id}")


def _refuse_weak(password: str, username: str) -> None:
    faults = password_faults(password, username)
    if faults:
        raise Invalid([InputError("new", "weak", fault) for fault in faults])


def touch(session: Session, secret_digest: str) -> None:
    """Note that a browser session is in use and move its expiry on."""
    at = clock.real_now()
    session.execute(
        update(LoginSession)
        .where(LoginSession.digest == secret_digest, LoginSession.kind == "browser")
        .values(seen_at=at, expires_at=at + SESSION_LIFE)
    )


def sweep_sessions(session: Session) -> int:
    """Remove sessions, failures and marks that no longer matter; returns how many sessions."""
    at = clock.real_now()
    gone = session.execute(
        delete(LoginSession).where(LoginSession.expires_at < at).returning(LoginSession.digest)
    ).all()
    for noted in (LoginFailure, PeopleChange):
        session.execute(delete(noted).where(noted.at < at - timedelta(days=1)))
    return len(gone)
