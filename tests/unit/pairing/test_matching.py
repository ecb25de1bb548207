"""The assignment is the best there is, keeps what cannot be apart, and says why somebody is left."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from random import Random

import pytest

from webapp.pairing.matching import match
from webapp.pairing.rules import (
    KINDS,
    WEIGHTS,
    Party,
    add_months,
    distance,
    evaluation_after,
    explain,
    is_non_public,
    missing_months,
    score_of,
)

ASSIST, CROSS = KINDS["assist"], KINDS["cross_region"]


def party(number: int, **given: object) -> Party:
    usual = Party(number, f"单位{number}", "unit", "430000/430600/430603", "county", None, "非公", frozenset())
    return replace(usual, **given)  # type: ignore[arg-type]


def some(random: Random, first: int, count: int) -> list[Party]:
    return [
        party(
            first + place,
            region_path=random.choice(
                ["430000/430600/430602", "430000/430600/430603", "430000/430600", "430000/430700/430702"]
            ),
            sector=random.choice([None, "教育", "卫生", "制造业"]),
            terms=random.randrange(6),
            load=random.randrange(3),
        )
        for place in range(count)
    ]


def total(pairs: list[tuple[Party, Party]]) -> float:
    return sum(score_of(explain(helper, helped, WEIGHTS)) for helper, helped in pairs)


@pytest.mark.parametrize("seed", range(20))
def test_no_other_assignment_scores_higher(seed: int) -> None:
    random = Random(seed)
    helpers, helped = some(random, 1, 5), some(random, 101, 4)
    found = match(ASSIST, helpers, helped, WEIGHTS, {})
    best = max(total(list(zip(chosen, helped, strict=True))) for chosen in permutations(helpers, len(helped)))
    assert total(found.pairs) == pytest.approx(best, abs=0.1)
    assert [(one.side, len(one.reasons)) for one in found.rest] == [("helper", 1)]


def test_as_many_as_possible_find_somebody_even_at_a_lower_score() -> None:
    helpers = [party(1, sector="教育"), party(2, sector="卫生")]
    helped = [party(11, sector="教育"), party(12, sector="教育")]
    found = match(ASSIST, helpers, helped, WEIGHTS, {(2, 12): "谈不拢"})
    assert {(a.id, b.id) for a, b in found.pairs} == {(1, 12), (2, 11)}


def test_who_cannot_be_paired_at_all_is_told_by_which_rule() -> None:
    found = match(CROSS, [party(1)], [party(11)], WEIGHTS, {})
    assert found.pairs == []
    assert all("锡管党委〔2020〕6号 三.11" in one.reasons[0] for one in found.rest)
    assert [one.side for one in match(ASSIST, [], [party(11)], WEIGHTS, {}).rest] == ["helped"]


def test_progress_is_told_and_grows() -> None:
    heard: list[int] = []
    match(ASSIST, some(Random(1), 1, 250), some(Random(2), 1001, 250), WEIGHTS, {}, lambda n, _: heard.append(n))
    assert heard == sorted(heard)
    assert len(set(heard)) > 3


def test_rules_of_months_places_and_ownership() -> None:
    assert distance("430000/430600/430603", "430000/430600/430602") == 2
    assert distance("430000/430600", "430000/430600/430602") == 1
    assert [evaluation_after(n) for n in (1, 6, 12, 18, 24)] == ["", "midterm", "year", "midterm", "year"]
    assert add_months(date(2021, 8, 31), 6) == date(2022, 2, 28)
    april = frozenset({date(2021, 4, 1)})
    assert missing_months(date(2021, 4, 12), april, date(2021, 7, 1)) == [date(2021, 5, 1), date(2021, 6, 1)]
    assert [is_non_public(text) for text in ("非公", "民营企业", "国有", "", None)] == [True, True, False, False, False]
