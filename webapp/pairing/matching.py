"""The best assignment of helpers to units: every pair scored, the sum of scores as high as it can be. Pure.

numpy and scipy are imported where they are used: workers match, the processes of the web server never load them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from webapp.pairing.rules import FAR, Kind, Party, Refusal, likeness, refuse_pair, seasoning, spare

Told = Callable[[int, str], None]
"""Hears how far the computation is: per cent, and what it is about."""

_ROWS_AT_ONCE = 100


@dataclass(frozen=True)
class Rest:
    """One that found nobody, and why."""

    side: str
    party: Party
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Matching:
    """The pairs as (helper, helped), and the rest."""

    pairs: list[tuple[Party, Party]] = field(default_factory=list)
    rest: list[Rest] = field(default_factory=list)


def match(
    kind: Kind,
    helpers: Sequence[Party],
    helped: Sequence[Party],
    weights: Mapping[str, Any],
    excluded: Mapping[tuple[int, int], str],
    told: Told = lambda _percent, _words: None,
) -> Matching:
    """Assign at most one helper to each unit so that as many as possible find somebody, and those as well as possible.

    Args:
        excluded: (helper, helped) → why these two are not put together again.
    """
    if not helpers or not helped:
        return Matching(rest=list(_alone(kind, helpers, helped, set(), set(), excluded)))
    import numpy as np  # noqa: PLC0415
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

    scores = _scores(kind, helpers, helped, weights, excluded, told)
    told(60, "计算最优匹配")
    top = float(sum(float(w) for w in weights.values())) + 1
    # What cannot be costs more than every possible gain together: it is taken only where nothing else is left.
    cost = np.where(np.isnan(scores), top * (min(scores.shape) + 1), top - np.nan_to_num(scores))
    rows, columns = linear_sum_assignment(cost)
    told(90, "整理结果")
    chosen = [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if not np.isnan(scores[r, c])]
    pairs = [(helpers[r], helped[c]) for r, c in chosen]
    rest = _alone(kind, helpers, helped, {r for r, _ in chosen}, {c for _, c in chosen}, excluded)
    return Matching(pairs, list(rest))


def _scores(
    kind: Kind,
    helpers: Sequence[Party],
    helped: Sequence[Party],
    weights: Mapping[str, Any],
    excluded: Mapping[tuple[int, int], str],
    told: Told,
) -> Any:
    """The score of every pair; not a number where the two cannot be paired."""
    import numpy as np  # noqa: PLC0415

    sectors = _codes([(p.sector or "").strip() for p in (*helpers, *helped)], np)
    places = [_codes(line, np) for line in _levels([p.region_path for p in (*helpers, *helped)])]
    depths = np.array([p.region_path.count("/") + 1 for p in (*helpers, *helped)])
    theirs = slice(len(helpers), None)
    own = np.array([_own_points(h, weights) for h in helpers])
    ids = np.array([p.id for p in (*helpers, *helped)])
    scores = np.empty((len(helpers), len(helped)))
    for first in range(0, len(helpers), _ROWS_AT_ONCE):
        part = slice(first, min(first + _ROWS_AT_ONCE, len(helpers)))
        pair = partial(_crossed, part, theirs)
        steps = sum(pair(depths)) - 2 * sum(np.equal(*pair(level)) & (pair(level)[0] > 0) for level in places)
        like = np.where(np.equal(*pair(sectors)), 1.0, 0.0)
        like[(pair(sectors)[0] == 0) | (pair(sectors)[1] == 0)] = likeness(None, None)
        sums = float(weights["sector"]) * like + float(weights["distance"]) * np.maximum(0.0, 1 - steps / FAR)
        sums += own[part, None]
        cannot = np.equal(*pair(ids))
        if kind.other_county_only:
            cannot |= steps == 0
        scores[part] = np.where(cannot, np.nan, sums)
        told(5 + 50 * min(first + _ROWS_AT_ONCE, len(helpers)) // len(helpers), "逐对打分")
    _strike_out(scores, helpers, helped, excluded, np)
    return scores


def _own_points(helper: Party, weights: Mapping[str, Any]) -> float:
    return seasoning(helper) * float(weights["experience"]) + spare(helper.load) * float(weights["load"])


def _crossed(rows: slice, columns: slice, values: Any) -> tuple[Any, Any]:
    """The values of helpers down and those of the units across, ready to be compared pair by pair."""
    return values[rows, None], values[None, columns]


def _codes(texts: Sequence[str], np: Any) -> Any:
    """A number for each different text; 0 for none."""
    known: dict[str, int] = {"": 0}
    return np.array([known.setdefault(text, len(known)) for text in texts])


def _levels(paths: Sequence[str]) -> Iterator[list[str]]:
    """For each level of the tree the place that a path goes through there, empty where it ends above."""
    parts = [path.split("/") for path in paths]
    for level in range(max(map(len, parts))):
        yield ["/".join(p[: level + 1]) if len(p) > level else "" for p in parts]


def _strike_out(
    scores: Any, helpers: Sequence[Party], helped: Sequence[Party], excluded: Mapping[tuple[int, int], str], np: Any
) -> None:
    row_of = {party.id: row for row, party in enumerate(helpers)}
    column_of = {party.id: column for column, party in enumerate(helped)}
    for helper, unit in excluded:
        if helper in row_of and unit in column_of:
            scores[row_of[helper], column_of[unit]] = np.nan


def _alone(
    kind: Kind,
    helpers: Sequence[Party],
    helped: Sequence[Party],
    used_helpers: set[int],
    used_helped: set[int],
    excluded: Mapping[tuple[int, int], str],
) -> Iterator[Rest]:
    """Who found nobody: because nobody is possible, or because all who are possible went to others."""
    for column, unit in enumerate(helped):
        if column not in used_helped:
            refusals = [_refusal(kind, helper, unit, excluded) for helper in helpers]
            yield Rest("helped", unit, _reasons(refusals, len(helpers), "帮创单位"))
    for row, helper in enumerate(helpers):
        if row not in used_helpers:
            refusals = [_refusal(kind, helper, unit, excluded) for unit in helped]
            yield Rest("helper", helper, _reasons(refusals, len(helped), "被帮单位"))


def _refusal(kind: Kind, helper: Party, unit: Party, excluded: Mapping[tuple[int, int], str]) -> str | None:
    refusal: Refusal | None = refuse_pair(kind, helper, unit)
    return refusal.words if refusal else excluded.get((helper.id, unit.id))


def _reasons(refusals: Sequence[str | None], offered: int, side: str) -> tuple[str, ...]:
    if not offered:
        return (f"没有可以匹配的{side}。",)
    known = sorted({refusal for refusal in refusals if refusal})
    if all(refusals):
        return tuple(known)
    possible = sum(1 for refusal in refusals if refusal is None)
    return (f"{side}不够：可以匹配的 {possible} 家都已分给更合适的一对。", *known)
