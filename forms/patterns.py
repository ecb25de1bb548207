"""Regular expressions of form documents: only such as cannot run for long, because a designer's slip must not stop the
server. The ways in which a pattern can be tried on a text are counted when the document is compiled; too many, back
references and look-around are refused, and so are longer texts than a pattern is meant for."""

import re
from dataclasses import dataclass, field

MAX_PATTERN = 200
MAX_INPUT = 200
MAX_WAYS = 10_000_000


class UnsafePatternError(ValueError):
    """The pattern is no regular expression, or one that might run for very long."""


@dataclass(frozen=True, slots=True)
class SafePattern:
    """A checked pattern; as in a browser it matches anywhere unless anchored, and \\d and \\w mean ASCII."""

    source: str
    compiled: re.Pattern[str] = field(repr=False, compare=False)

    def matches(self, text: str) -> bool:
        return len(text) <= MAX_INPUT and self.compiled.search(text) is not None


_PIECE = re.compile(
    r"""(?P<escape>\\.)
      | (?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])
      | (?P<open>\((?:\?:)?)
      | (?P<close>\))
      | (?P<repeat>(?:[*+?]|\{\d*(?:,\d*)?\})\??)
      | (?P<bar>\|)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


def parse_pattern(source: str) -> SafePattern:
    """Compile a pattern of a document. Raises UnsafePatternError that says what is wrong with it."""
    if len(source) > MAX_PATTERN:
        raise UnsafePatternError(f"超过 {MAX_PATTERN} 个字符。")
    try:
        compiled = re.compile(source, re.ASCII)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise UnsafePatternError(f"不是合法的正则表达式：{error}") from None
    starts = 1 if source.startswith("^") and "|" not in source else MAX_INPUT
    if _count_ways(source) * starts > MAX_WAYS:
        raise UnsafePatternError("可能运行很久：重复（* + {n,m}）和“|”太多或互相嵌套。请用 ^ 开头并减少重复。")
    return SafePattern(source, compiled)


class _Group:
    """Ways through a group: a product over its pieces, a sum over its branches."""

    def __init__(self) -> None:
        self.finished = 0
        self.ways = 1
        self.last = 1

    def add(self, ways: int) -> None:
        self.ways = min(self.ways * self.last, MAX_WAYS + 1)
        self.last = ways

    def repeat(self, least: int, most: int) -> None:
        most = min(most, MAX_INPUT)
        spread = max(most - least, 0) + 1
        inner = 1 if self.last == 1 else min(self.last ** min(most, 64), MAX_WAYS + 1)
        self.last = min(inner * spread, MAX_WAYS + 1)

    def branch(self) -> None:
        self.add(1)
        self.finished += self.ways
        self.ways = 1

    def total(self) -> int:
        self.branch()
        return min(self.finished, MAX_WAYS + 1)


def _count_ways(source: str) -> int:
    groups = [_Group()]
    for piece in _PIECE.finditer(source):
        kind, text = piece.lastgroup, piece[0]
        if kind == "open":
            if source.startswith("?", piece.end()):
                raise UnsafePatternError("不支持环视、命名分组和内嵌标志，请用普通括号。")
            groups.append(_Group())
        elif kind == "close" and len(groups) > 1:
            inner = groups.pop().total()
            groups[-1].add(inner)
        elif kind == "bar":
            groups[-1].branch()
        elif kind == "repeat":
            groups[-1].repeat(*_bounds(text))
        elif kind == "escape" and text[1] in "123456789":
            raise UnsafePatternError("不支持反向引用。")
        else:
            groups[-1].add(1)
    return groups[0].total()


def _bounds(text: str) -> tuple[int, int]:
    text = text.rstrip("?") or "?"
    if text in ("*", "+"):
        return int(text == "+"), MAX_INPUT
    if text == "?":
        return 0, 1
    least, _, most = text[1:-1].partition(",")
    if "," not in text:
        return int(least or 0), int(least or 0)
    return int(least or 0), int(most) if most else MAX_INPUT
