"""What a unit changed between two statements of its matter: pure, by the texts that a reader sees."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from forms.showing import Shown
from webapp.instances.models import Submission

_MOST_COMPARED = 400_000
"""So many pairs of characters are compared at most; longer texts stand side by side as they are."""
_ALIKE = 0.4
_KINDS = {"delete": ("gone",), "insert": ("new",), "replace": ("gone", "new"), "equal": ("same",)}


@dataclass(frozen=True)
class Change:
    """One answer that reads otherwise than before the last return."""

    path: str
    label: str
    """With the headings above it: ``基本信息 › 地址``."""
    before: str
    after: str
    parts: tuple[tuple[str, str], ...] = ()
    """Of texts that are alike: ``same``, ``gone`` or ``new`` and the words; else empty."""
    gone: tuple[str, ...] = ()
    """Rows of a list that stand there no more as they were."""
    added: tuple[str, ...] = ()

    @property
    def is_list(self) -> bool:
        return bool(self.gone or self.added)


def before_return(submissions: Sequence[Submission], declared_in: Sequence[str]) -> Submission | None:
    """What had been declared when the case was last returned with reasons, if it was declared again since.

    Args:
        submissions: newest first.
    """

    def states(one: Submission) -> bool:
        return one.element in declared_in

    def returns(one: Submission) -> bool:
        return bool(one.answers.get("reasons"))

    left = iter(submissions)
    if next(filter(states, left), None) is None or next(filter(returns, left), None) is None:
        return None
    return next(filter(states, left), None)


def changes_between(before: Iterable[Shown], after: Iterable[Shown]) -> list[Change]:
    """Everything that was answered otherwise before, field by field in the order of the form.

    A list counts as one, with the rows that went and came. What only one of the two forms asks is no change.
    """
    former = {item.path: item for item, _label in _answers(before, "")}
    found = []
    for item, label in _answers(after, ""):
        if (old := former.get(item.path)) is not None and _text(old) != _text(item):
            found.append(_list_change(label, old, item) if old.rows or item.rows else _change(label, old, item))
    return found


def _answers(shown: Iterable[Shown], above: str) -> Iterator[tuple[Shown, str]]:
    """Every answer and list with its whole label."""
    for item in shown:
        label = f"{above} › {item.label}" if above else item.label
        if item.items:
            yield from _answers(item.items, label)
        else:
            yield item, label


def _change(label: str, old: Shown, new: Shown) -> Change:
    return Change(new.path, label, old.text, new.text, tuple(_compared(old.text, new.text)))


def _list_change(label: str, old: Shown, new: Shown) -> Change:
    was, now = [_row_text(row) for row in old.rows], [_row_text(row) for row in new.rows]
    gone = tuple(row for row in was if was.count(row) > now.count(row))
    added = tuple(row for row in now if now.count(row) > was.count(row))
    return Change(new.path, label, _text(old), _text(new), gone=gone, added=added)


def _text(item: Shown) -> str:
    return "；".join(_row_text(row) for row in item.rows) or item.text


def _row_text(row: Iterable[Shown]) -> str:
    return "，".join(part.text for part in row if part.text)


def _compared(old: str, new: str) -> Iterator[tuple[str, str]]:
    """The two texts woven into one, where that is easier to read than one after the other."""
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    was, now = old[start : len(old) - end], new[start : len(new) - end]
    if not old or not new or len(was) * len(now) > _MOST_COMPARED:
        return
    matcher = SequenceMatcher(None, was, now, autojunk=False)
    same = start + end + sum(block.size for block in matcher.get_matching_blocks())
    if same < _ALIKE * max(len(old), len(new)):
        return
    yield from _part("same", old[:start])
    for how, a, b, c, d in matcher.get_opcodes():
        for kind in _KINDS[how]:
            yield from _part(kind, was[a:b] if kind != "new" else now[c:d])
    yield from _part("same", old[len(old) - end :])


def _alike(one: str, other: str) -> int:
    """How many characters the two begin with together."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _part(kind: str, words: str) -> Iterator[tuple[str, str]]:
    if words:
        yield kind, words
