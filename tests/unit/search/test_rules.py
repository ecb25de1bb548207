"""Whatever part of a text somebody remembers is among what the case is found by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.search.rules import normalised, terms_of, words_of

NAMES = [
    "岳阳市云溪区水利局",
    "中国移动通信集团湖南有限公司岳阳分公司",
    "长岭炼化（集团）第2幼儿园",
    "平江县ABC实验学校",
]


@given(st.sampled_from(NAMES), st.data())
def test_every_part_of_two_characters_and_more_is_found(name: str, data: st.DataObject) -> None:
    whole = normalised(name)
    begin = data.draw(st.integers(0, len(whole) - 2))
    end = data.draw(st.integers(begin + 2, len(whole)))
    (word,) = words_of(whole[begin:end])
    assert word.text in whole
    assert set(word.written) <= set(terms_of([name]))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("pdslj", "浦东水利局"),
        ("slj", "岳阳市云溪区水利局"),
        ("cq", "重庆银行"),
        ("zq", "重庆银行"),
        ("yh", "重庆银行"),
        ("cljd", "长岭街道办事处"),
        ("JHB", "经合办"),
        ("d2y", "第2幼儿园"),
        ("lm", "李敏"),
    ],
)
def test_initials_are_found_in_every_usual_reading(typed: str, name: str) -> None:
    (word,) = words_of(typed)
    assert set(word.sounds or word.written) <= set(terms_of([name]))


def test_what_does_not_stand_together_is_not_found_together() -> None:
    terms = set(terms_of(["岳阳市水利局"]))
    assert not set(words_of("岳利")[0].written) <= terms
    assert not set(words_of("yysj")[0].sounds) <= terms


@pytest.mark.parametrize(
    ("typed", "number"), [("000123", "SB2026-000123"), ("2026-0001", "SB2026-000123"), ("sb2026", "SB2026-000123")]
)
def test_part_of_a_number_is_found(typed: str, number: str) -> None:
    (word,) = words_of(typed)
    assert set(word.written) <= set(terms_of([number]))
    assert word.text in normalised(number)


@given(st.text(max_size=200))
def test_whatever_is_typed_becomes_few_words(typed: str) -> None:
    words = words_of(typed)
    assert len(words) <= 5
    assert all(len(term) <= 4 for word in words for term in (*word.written, *word.sounds))
