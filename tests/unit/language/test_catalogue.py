"""What texts are in another language: known ones, put together ones, and the many that nobody translates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.language.catalogue import Catalogue

ENTRIES = {
    "任务": "Task",
    "通过": "Pass",
    "同意": "Agree",
    "县级": "County",
    "人工任务": "User task",
    "第 {0} 轮": "Round {0}",
    "{0} 条": "{0} records",
    "%(count)s 项，其中 %(late)s 项逾期": "%(late)s of %(count)s overdue",
    "「{label}」应当是文字。请重新填写。": "“{label}” should be text. Enter it again.",
    "结果：{0}": "Outcome: {0}",
    "，此后每 {0} 个工作日再报": ", then every {0} working days",
    "名额已满 100%%": "Quota full: 100%%",
    "按 %(ratio)s%% 抽查": "%(ratio)s%% are checked",
}
CATALOGUE = Catalogue(ENTRIES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("任务", "Task"),
        ("第 3 轮", "Round 3"),
        ("12 项，其中 3 项逾期", "3 of 12 overdue"),
        ("「联系电话」应当是文字。请重新填写。", "“联系电话” should be text. Enter it again."),
        ("结果：通过", "Outcome: Pass"),
        ("结果：云溪区文明办不予支持", "Outcome: 云溪区文明办不予支持"),
        ("通过、同意", "Pass, Agree"),
        ("通过和同意", "Pass and Agree"),
        ("通过，此后每 5 个工作日再报", "Pass, then every 5 working days"),
        ("人工任务「填报」（县级）", "User task “填报” (County)"),
        ("任务 ↑", "Task ↑"),
        ("按 20% 抽查", "20% are checked"),
    ],
)
def test_texts_are_found_however_they_were_put_together(text: str, said: str) -> None:
    assert CATALOGUE.say(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "云溪区水利局",
        "情况属实，同意推荐。",
        "头条",
        "云溪区（县级）",
        "任务繁重",
        "第 三 轮",
        "2026年11月",
    ],
)
def test_what_people_wrote_stays_as_it_is(text: str) -> None:
    assert CATALOGUE.say(text) == text


def test_a_template_is_said_with_its_values_still_to_come() -> None:
    assert CATALOGUE.exact("%(count)s 项，其中 %(late)s 项逾期") == "%(late)s of %(count)s overdue"
    assert CATALOGUE.exact("没有这一条") is None


@given(st.text(alphabet="任务通过同意第轮条项，。、；：「」（）和 3%{}()\n", max_size=400))
def test_no_text_is_too_odd(text: str) -> None:
    assert isinstance(CATALOGUE.say(text), str)


@pytest.mark.parametrize("unit", ["「", "（", "通过，", "第 1 轮、", "（通过）", "，其中 ", "通过和"])
def test_odd_texts_cost_a_bounded_number_of_looks(unit: str) -> None:
    catalogue = Catalogue(ENTRIES)
    assert catalogue.say((unit * 300)[:300])
    assert catalogue.kept < 2000


def test_whole_letters_are_not_kept_in_mind() -> None:
    catalogue = Catalogue(ENTRIES)
    letter = "。".join(["任务繁重" * 100] * 20)
    assert catalogue.say(letter) == letter
    assert catalogue.kept < 50


def test_scripts_get_the_words_of_their_folder() -> None:
    catalogue = Catalogue(
        {"甲": "A", "乙": "B"}, {"甲": ["webapp/assets/js/a.js"], "乙": ["webapp/assets/designer/b.js"]}
    )
    assert catalogue.said_below("webapp/assets/js/") == {"甲": "A"}
