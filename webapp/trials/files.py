"""Attachments of trials: rows without bytes, so that forms check name, type and size as in earnest.

A number in the range of a step is a sample file where nothing was uploaded under it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from forms.compile import CompiledForm
from forms.scopes import Scope
from webapp.access import Actor
from webapp.attachments.models import Attachment
from webapp.attachments.rules import media_type
from webapp.problems import InputError, Invalid
from webapp.trials.world import BASE

Json = dict[str, Any]
KINDS = ("pdf", "png", "jpg", "docx", "xlsx", "zip", "txt")
_PER_STEP = 100
_UPLOADS = 50
MOST_UPLOADS = _PER_STEP - _UPLOADS
_SAMPLE_SIZE = 20_000


def first_number(step: int) -> int:
    """The first of the numbers that files of the step at that place bear."""
    return BASE + step * _PER_STEP


def read_uploads(step: int, uploads: Iterable[Mapping[str, Any]], before: int) -> list[Json]:
    """Give numbers to files that somebody chose; what no case would accept is refused with its reason.

    Args:
        uploads: ``input``, ``name``, ``size`` and ``head`` (hexadecimal, the first bytes) of each.
        before: how many were numbered in earlier attempts at this step.
    """
    found = []
    for place, given in enumerate(uploads, start=before):
        if place >= MOST_UPLOADS:
            raise Invalid([InputError(given["input"], "too_many", f"一步最多试传 {MOST_UPLOADS} 个文件。")])
        try:
            kind = media_type(given["name"], bytes.fromhex(given["head"]))
        except ValueError as error:
            raise Invalid([InputError(given["input"], "type", str(error))]) from error
        number = first_number(step) + _UPLOADS + place
        found.append({"id": number, "name": given["name"], "media_type": kind, "size": given["size"]})
    return found


def samples(step: int) -> dict[int, Json]:
    """The sample files that a step may name, one of each kind."""
    found = {}
    for place, ending in enumerate(KINDS, start=1):
        number, name = first_number(step) + place, f"示例.{ending}"
        kind = media_type(name, _HEADS[ending])
        found[number] = {"id": number, "name": name, "media_type": kind, "size": _SAMPLE_SIZE}
    return found


_HEADS = {
    "pdf": b"%PDF-",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff",
    "docx": b"PK\x03\x04",
    "xlsx": b"PK\x03\x04",
    "zip": b"PK\x03\x04",
    "txt": b"t",
}


def with_samples(form: CompiledForm, answers: Json, step: int) -> Json:
    """The answers with a sample file of an accepted kind wherever one is asked for."""
    return _filled(form.scope, answers, step)


def _filled(scope: Scope, answers: Json, step: int) -> Json:
    for entry in scope.entries:
        holder: Any = answers
        for key in entry.path[:-1]:
            holder = holder.get(key, {}) if isinstance(holder, dict) else {}
        last = entry.path[-1]
        if not isinstance(holder, dict) or last not in holder:
            continue
        if entry.rows is not None:
            rows = holder[last] if isinstance(holder[last], list) else []
            holder[last] = [_filled(entry.rows, row, step) for row in rows]
        elif entry.component.type == "filepicker":
            holder[last] = [first_number(step) + 1 + _kind(entry.component.limits.accept)]
    return answers


def _kind(accepted: Iterable[str]) -> int:
    endings = [ending.lstrip(".") for ending in accepted]
    return next((place for place, kind in enumerate(KINDS) if not endings or kind in endings), 0)


def used_files(form: CompiledForm, answers: Any, step: int, uploaded: Iterable[Json]) -> list[Json]:
    """Of the files of a step those that its answers name."""
    known = samples(step) | {file["id"]: file for file in uploaded}
    named = {int(key) for key in form.attachment_ids(answers) if str(key).isdecimal() and len(str(key)) < 18}
    return [file for number, file in known.items() if number in named]


def insert_files(session: Session, actor: Actor, at: datetime, files: Iterable[Mapping[str, Any]]) -> None:
    """Make the files of a step there, as fresh uploads of the person who acts."""
    rows = [
        {key: file[key] for key in ("id", "name", "media_type", "size")}
        | {"sha256": "0" * 64, "uploaded_by": actor.user_id, "uploaded_at": at}
        for file in files
    ]
    if rows:
        session.execute(delete(Attachment).where(Attachment.id.in_([row["id"] for row in rows])))
        session.execute(insert(Attachment), rows)
