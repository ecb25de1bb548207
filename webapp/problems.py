"""What went wrong, in the words of the person who must do something about it.

Operations raise these; ``/api`` answers RFC 9457 problem documents, pages show the same text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class InputError:
    """One wrong input: where (dotted path), a stable code, and what to do (Chinese)."""

    path: str
    code: str
    message: str

    def as_json(self) -> dict[str, str]:
        return {"path": self.path, "code": self.code, "message": self.message}


class Problem(Exception):  # noqa: N818 (the RFC's word)
    """A refusal with an HTTP status; ``detail`` says what to do."""

    status = 400
    title = "请求有误"

    def __init__(self, detail: str, *, errors: Sequence[InputError] = (), **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.extra = extra

    def as_json(self) -> dict[str, Any]:
        """The RFC 9457 document."""
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = [error.as_json() for error in self.errors]
        return document | self.extra


class BadRequest(Problem):
    pass


class Unauthenticated(Problem):
    status = 401
    title = "尚未登录或登录已失效"


class Forbidden(Problem):
    status = 403
    title = "没有权限"


class NotFound(Problem):
    status = 404
    title = "不存在或无权查看"

    def __init__(self, detail: str = "没有找到，或者不在您的管辖范围内。请从列表重新进入。", **extra: Any) -> None:
        super().__init__(detail, **extra)


class Conflict(Problem):
    status = 409
    title = "情况已有变化"


class TooLarge(Problem):
    status = 413
    title = "文件过大"


class Invalid(Problem):
    status = 422
    title = "填写内容需要修改"

    def __init__(self, errors: Sequence[InputError], detail: str | None = None, **extra: Any) -> None:
        super().__init__(detail or _in_one_sentence(errors[:3]), errors=errors, **extra)


def _in_one_sentence(errors: Sequence[InputError]) -> str:
    """The messages one after the other; what ends a sentence ends the last one only."""
    messages = [error.message for error in errors]
    return "；".join([*(message.rstrip("。") for message in messages[:-1]), *messages[-1:]])


class Throttled(Problem):
    status = 429
    title = "操作过于频繁"


def invalid(path: str, code: str, message: str) -> Invalid:
    """An :class:`Invalid` about a single field."""
    return Invalid([InputError(path, code, message)])
