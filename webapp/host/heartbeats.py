"""Signs of life: each background process writes one every few seconds, readiness and the doctor read them."""

import os
import socket

from sqlalchemy import text
from sqlalchemy.orm import Session

EVERY_SECONDS = 5
_BEAT = text(
    "INSERT INTO heartbeats (name, host, pid, beat_at) VALUES (:name, :host, :pid, now()) "
    "ON CONFLICT (name, host, pid) DO UPDATE SET beat_at = now()"
)
_FORGET_OLD = text("DELETE FROM heartbeats WHERE name = :name AND beat_at < now() - interval '1 day'")
_FORGET = text("DELETE FROM heartbeats WHERE name = :name AND host = :host AND pid = :pid")
_AGES = text("SELECT name, extract(epoch FROM now() - max(beat_at)) FROM heartbeats GROUP BY name")

STALE_SECONDS = 30
BACKGROUND = ("worker", "scheduler")


def _myself(name: str) -> dict[str, object]:
    return {"name": name, "host": socket.gethostname(), "pid": os.getpid()}


def beat(session: Session, name: str) -> None:
    """Say that this process, which works as ``name``, lives."""
    session.execute(_BEAT, _myself(name))
    session.execute(_FORGET_OLD, {"name": name})


def leave(session: Session, name: str) -> None:
    """Say that this process has stopped in good order."""
    session.execute(_FORGET, _myself(name))


def list_ages(session: Session) -> dict[str, float]:
    """Seconds since the last sign of life, by name of process."""
    return {name: float(age) for name, age in session.execute(_AGES)}


def is_alive(session: Session, name: str) -> bool:
    """Whether some process works as ``name``."""
    return list_ages(session).get(name, float("inf")) < STALE_SECONDS
