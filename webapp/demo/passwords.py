"""The one password of the demo accounts: documented while only this machine reaches them, random otherwise.

It is kept beside the keys of the installation (mode 0600), so that it can be shown again.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.accounts.bootstrap import one_time_password
from webapp.accounts.models import User
from webapp.accounts.operations import hash_password
from webapp.config import Settings

DOCUMENTED = "wenming-2020"


@dataclass(frozen=True)
class DemoPassword:
    """The password, its hash as stored with the accounts, and whether it is random."""

    password: str
    password_hash: str
    random: bool


def _path(settings: Settings) -> Path:
    return settings.keys / "demo-password.json"


def find_password(settings: Settings) -> DemoPassword | None:
    """The password in use, or ``None`` where no demonstration was set up."""
    path = _path(settings)
    return DemoPassword(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def ensure_password(session: Session, settings: Settings, *, random: bool, usernames: list[str]) -> DemoPassword:
    """The password to use from now on; a documented one is replaced before others can reach the system.

    Accounts whose password a person has changed keep it, unless the record of the demo password is lost.
    """
    known = find_password(settings)
    if known is not None and (known.random or not random):
        return known
    password = one_time_password() if random else DOCUMENTED
    fresh = DemoPassword(password, hash_password(password), random)
    mine = User.password_hash == known.password_hash if known else User.username.in_(usernames)
    session.execute(update(User).where(mine).values(password_hash=fresh.password_hash))
    _write(_path(settings), fresh)
    return fresh


def _write(path: Path, password: DemoPassword) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(password)), encoding="utf-8")
    fresh.replace(path)


def usernames_with(session: Session, password: DemoPassword) -> set[str]:
    """The accounts that still have the demo password."""
    return set(session.scalars(select(User.username).where(User.password_hash == password.password_hash)))
