"""What a unit changed between two statements of its matter: pure, by the texts that a reader sees."""

from collections.abc import Iterable, Iterator, Sequence

from forms.showing import Shown
from webapp.instances.models import Submission


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


def changes_between(before: Iterable[Shown], after: Iterable[Shown]) -> dict[str, str]:
    """Path → former text of everything that was answered otherwise before."""
    former = dict(_texts(before))
    return {path: former[path] for path, text in _texts(after) if path in former and former[path] != text}


def _texts(shown: Iterable[Shown]) -> Iterator[tuple[str, str]]:
    """Path and text of every answer; a list counts as one, its rows one after another."""
    for item in shown:
        if item.items:
            yield from _texts(item.items)
        elif item.rows:
            yield item.path, "；".join("，".join(part.text for part in row if part.text) for row in item.rows)
        else:
            yield item.path, item.text
