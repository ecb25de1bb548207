"""Notes outside the database of how far the chain had come: what is cut off its end shows against them.

Of each day the last one stays, per machine, in the data folder. Restoring a backup sets them aside.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from webapp.config import Settings

_KEPT = 400


@dataclass(frozen=True)
class Anchor:
    """At ``at`` the chain ended at ``position`` with ``hash``."""

    position: int
    hash: str
    at: str


def anchors_file(settings: Settings) -> Path:
    """Where the notes are."""
    return settings.data / "audit" / "anchors.jsonl"


def note_anchor(settings: Settings, position: int, head: str, at: datetime) -> None:
    """Note the end of the chain; of each day the last note stays."""
    if position == 0:
        return
    known = [anchor for anchor in read_anchors(settings) if anchor.at[:10] != at.isoformat()[:10]]
    kept = [*known[-_KEPT:], Anchor(position, head, at.isoformat(timespec="seconds"))]
    file = anchors_file(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text("".join(json.dumps(asdict(anchor)) + "\n" for anchor in kept), encoding="ascii")
    fresh.replace(file)


def set_anchors_aside(settings: Settings) -> None:
    """Begin anew beside the old notes: the database is another one from now on."""
    file = anchors_file(settings)
    if file.exists():
        file.replace(file.with_suffix(".before-restore"))


def read_anchors(settings: Settings) -> list[Anchor]:
    """The notes, oldest first; lines that cannot be read are left out."""
    file = anchors_file(settings)
    if not file.exists():
        return []
    found = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            values = json.loads(line)
            found.append(Anchor(int(values["position"]), str(values["hash"]), str(values["at"])))
        except (ValueError, TypeError, KeyError):
            continue
    return found
