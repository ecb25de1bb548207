"""What a browser posts on the page of a dry run: the step in the page's own fields, the answers in the form's."""

import json
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from webapp import typed_json
from webapp.attachments.rules import clean_name

Json = dict[str, Any]
OWN = "trial:"
"""Starts the names of the page's own fields: no form has such a key."""
_MOST_TEXT = 20_000
_HEAD = 64


def read_step() -> Json:
    """The step that was posted, for :func:`webapp.trials.requests.read_tried`.

    Raises:
        Invalid: a part of it is no JSON of the right kind.
    """
    act = request.form.get(OWN + "act", "")
    if act == "wait":
        days = request.form.get(OWN + "days", "")
        number = int(days) if days.isascii() and days.isdecimal() and len(days) < 6 else 0
        return {"act": "wait", "to": "next"} if days == "next" else {"act": "wait", "days": number}
    if act == "message":
        return {"act": "message", "name": request.form.get(OWN + "name", ""), "payload": read_object("payload")}
    return read_look() | {
        "act": act,
        "fields": [[name, value] for name, value in request.form.items(multi=True) if _is_answer(name)],
        "uploads": [_described(name, file) for name, file in request.files.items(multi=True) if file.filename],
        "files": _pending(),
    } | ({"facts": read_object("facts")} if request.form.get(OWN + "facts", "").strip() else {})  # fmt: skip


def read_look() -> Json:
    """Which task was meant, and as whom it is done."""
    found: Json = {"person": request.form.get(OWN + "person", "")}
    if element := request.form.get(OWN + "element"):
        found |= {"element": element, "item": read_object("item")}
    return found


def read_object(name: str) -> Json:
    """A JSON object that the page holds or a designer wrote.

    Raises:
        Invalid: it is none.
    """
    text = request.form.get(OWN + name, "").strip()
    return typed_json.read_object(text[:_MOST_TEXT], name, '须为 JSON 对象，例如 {"level": "county"}。')


def _is_answer(name: str) -> bool:
    return not name.startswith(OWN) and name != "csrf_token"


def _described(name: str, file: FileStorage) -> Json:
    """A file that was chosen, of which nothing is kept but what forms check."""
    head = file.stream.read(_HEAD)
    size = file.stream.seek(0, 2)
    return {"input": name, "name": clean_name(file.filename or ""), "size": size, "head": head.hex()}


def _pending() -> list[Json]:
    """Files that were chosen in an earlier attempt at the same step."""
    try:
        value = json.loads(request.form.get(OWN + "files", "[]"))
    except (ValueError, RecursionError):
        return []
    if not isinstance(value, list):
        return []
    return [file for file in value[:50] if isinstance(file, dict) and _is_file(file)]


def _is_file(file: Json) -> bool:
    texts = isinstance(file.get("name"), str) and isinstance(file.get("media_type"), str)
    numbers = all(type(file.get(key)) is int and 0 <= file[key] < 2**53 for key in ("id", "size"))
    return texts and numbers and len(file) == 4
