"""Read a delivery status notification (RFC 3464): which message did not arrive, at whom, for good or not yet, and why.

What is read was sent by strangers: it is short, only the parts directly under the report count, and nothing of it is
trusted beyond its words.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import HeaderParser
from email.utils import parseaddr

MOST_BYTES = 1024 * 1024
"""Larger than any mail of ours that comes back as a whole."""
_MOST_RECIPIENTS = 100
_MOST_WORDS = 300
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,300}>")
_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?!\d)")
_ACTIONS = frozenset({"failed", "delayed", "delivered", "relayed", "expanded"})


class UnreadableReportError(ValueError):
    """What came is no such notification, or not a whole one; the message (Chinese) says what is missing."""


@dataclass(frozen=True)
class Outcome:
    """What became of a message at one recipient."""

    addresses: frozenset[str]
    """The recipient as the sender named it and as it is called in the end (RFC 3464 §2.3.1, §2.3.2), lower case."""
    action: str
    status: str
    words: str
    """What the server of the recipient said."""

    @property
    def is_final(self) -> bool:
        """Whether it did not arrive and nobody tries any more: that is what "failed" means, also after a temporary
        fault (RFC 3464 §2.3.3)."""
        return self.action == "failed"

    @property
    def is_delayed(self) -> bool:
        """Whether it has not arrived yet and is still being tried."""
        return self.action == "delayed"


@dataclass(frozen=True)
class Report:
    """A notification about one message."""

    message_id: str
    to: str
    """Whom the message that came back was addressed to, lower case; empty where that does not come back."""
    outcomes: tuple[Outcome, ...]

    def outcome_for(self, address: str) -> Outcome | None:
        """What became of it at an address; one that was forwarded is known by whom it was addressed to."""
        wanted = address.lower()
        for outcome in self.outcomes:
            if wanted in outcome.addresses:
                return outcome
        return self.outcomes[0] if len(self.outcomes) == 1 and self.to == wanted else None


def read_report(raw: bytes) -> Report:
    """Read a notification as it came, with all its headers.

    Raises:
        UnreadableReportError: it is too large, something else, or incomplete.
    """
    if len(raw) > MOST_BYTES:
        raise UnreadableReportError(f"邮件超过 {MOST_BYTES // 1024} KB，不像退信，没有处理。")
    if not raw.strip():
        raise UnreadableReportError("没有读到邮件内容。")
    try:
        return _read(message_from_bytes(raw.lstrip()))
    except (RecursionError, LookupError, UnicodeError, AssertionError, TypeError, AttributeError) as error:
        raise UnreadableReportError("邮件结构有误，无法读取。") from error


def _read(message: Message) -> Report:
    payload = message.get_payload()
    parts = [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []
    if message.get_content_type() != "multipart/report" or not parts:
        raise UnreadableReportError("这不是退信：应为 multipart/report（RFC 3464）格式的投递状态通知。")
    blocks = _first(parts, "message/delivery-status")
    if not blocks:
        raise UnreadableReportError("退信里没有投递状态（message/delivery-status）部分。")
    outcomes = tuple(filter(None, (_outcome(block) for block in blocks[: _MOST_RECIPIENTS + 1])))
    if not outcomes:
        raise UnreadableReportError("退信的投递状态里没有收件人和结果（Final-Recipient、Action、Status）。")
    original = _original(parts)
    found = _MESSAGE_ID.search(str(original.get("Message-ID", ""))) if original else None
    if original is None or found is None:
        raise UnreadableReportError("退信里没有带回原邮件的 Message-ID，无法知道退的是哪一封。")
    return Report(found[0], parseaddr(str(original.get("To", "")))[1].lower(), outcomes)


def _first(parts: list[Message], kind: str) -> list[Message]:
    """What the first part of a kind is made of, as messages with headers."""
    found = next((part for part in parts if part.get_content_type() == kind), None)
    payload = found.get_payload() if found else None
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _original(parts: list[Message]) -> Message | None:
    """The headers of the message that came back, which comes as a whole or as headers alone."""
    if whole := _first(parts, "message/rfc822"):
        return whole[0]
    headers = next((part for part in parts if part.get_content_type() == "text/rfc822-headers"), None)
    payload = headers.get_payload(decode=True) if headers else None
    if not isinstance(payload, bytes):
        return None
    return HeaderParser().parsestr(payload.decode("utf-8", "replace").lstrip(), headersonly=True)


def _outcome(block: Message) -> Outcome | None:
    """What a block of fields says about a recipient; the first is about the message and has none."""
    named = (block.get("Final-Recipient"), block.get("Original-Recipient"))
    addresses = frozenset(filter(None, (_address(str(field)) for field in named if field)))
    status = _STATUS.match(str(block.get("Status", "")))
    action = str(block.get("Action", "")).partition("(")[0].strip().lower()
    if action not in _ACTIONS and status:
        action = {"5": "failed", "4": "delayed", "2": "delivered"}[status[1][0]]
    if not addresses or action not in _ACTIONS:
        return None
    return Outcome(addresses, action, status[1] if status else "", _words(block))


def _address(field: str) -> str:
    """The address of ``rfc822; someone@example.org``, also of ``rfc822;<…>``."""
    return field.rpartition(";")[2].strip().strip("<>").strip().lower()


def _decoded(value: str) -> str:
    """A field as it was meant: servers here write Chinese into it without saying how."""
    raw = str(value).encode("ascii", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def _words(block: Message) -> str:
    """The diagnostic without its kind, in one line and without anything that does not print."""
    text = _decoded(next((value for name, value in block.raw_items() if name.lower() == "diagnostic-code"), ""))
    kind, mark, said = text.partition(";")
    words = " ".join((said if mark and " " not in kind.strip() else text).split())
    return "".join(character for character in words if character.isprintable())[:_MOST_WORDS]
