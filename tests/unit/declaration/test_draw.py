"""The spot-check draw can be recomputed by anybody and draws about its ratio."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from webapp.declaration.services import draw_value
from webapp.declaration.steps import total


@given(st.text(max_size=40), st.text(min_size=1, max_size=20))
def test_a_draw_is_a_number_below_one_and_always_the_same(seed: str, number: str) -> None:
    value = draw_value(seed, number)
    assert 0 <= value <= 1
    assert value == draw_value(seed, number)


def test_draws_keep_their_ratio() -> None:
    drawn = sum(draw_value("2020", f"SB2020-{n:06}") < Decimal("0.2") for n in range(5000))
    assert 900 < drawn < 1100


def test_the_total_adds_scores_exactly_and_ignores_notes() -> None:
    answers = {"scores": {"i1": 0.1, "i2": 0.2, "note": "缺台账"}, "satisfaction": 95, "outcome": "pass"}
    assert total(answers) == Decimal("0.3")
    assert total({}) == 0
