"""Named validators: what people really type becomes one normal form, or the answer says what would be right."""

import pytest

from forms.habits import check_named


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("uscc", "91110000100000009M", "91110000100000009M"),
        ("uscc", " 9111 0000 1000 0000 9m ", "91110000100000009M"),
        ("uscc", "９１１１００００１０００００００９Ｍ", "91110000100000009M"),
        ("mobile", "+86 138-0013-8000", "13800138000"),
        ("mobile", "8613800138000", "13800138000"),
        ("phone", "0730-8880000转12", "0730-8880000-12"),
        ("phone", "(0730)8880000", "07308880000"),
        ("phone", "13800138000", "13800138000"),
        ("phone", "400-810-0000", "400-810-0000"),
        ("email", "ban.gong@yy.gov.cn", "ban.gong@yy.gov.cn"),
        ("document_number", "常文明委〔2020〕6号", "常文明委〔2020〕6号"),
        ("document_number", " 岳市文明委〔2020〕1号 ", "岳市文明委〔2020〕1号"),
        ("chinese_date", "2020年5月15日", "2020-05-15"),
        ("chinese_date", "2020-05-15", "2020-05-15"),
        ("chinese_date", "2020.5.15", "2020-05-15"),
        ("chinese_date", "2020/5/15", "2020-05-15"),
        ("chinese_date", "20200515", "2020-05-15"),
        ("chinese_date", "２０２０ 年 ５ 月 １５ 日", "2020-05-15"),
        ("chinese_date", "二〇二〇年五月十五日", "2020-05-15"),
        ("chinese_date", "二○二○年十二月三十一号", "2020-12-31"),
        ("chinese_date", "2020年2月29日", "2020-02-29"),
        ("ratio", "80%", "80%"),
        ("ratio", "33.5 ％", "33.5%"),
        ("ratio", "0.3", "30%"),
        ("ratio", "1/3", "1/3"),
        ("ratio", "2/6", "1/3"),
        ("ratio", "1/4", "25%"),
        ("ratio", "三分之一", "1/3"),
        ("ratio", "百分之八十五", "85%"),
        ("ratio", "百分之百", "100%"),
        ("ratio", "0", "0%"),
    ],
)
def test_what_is_typed_becomes_one_form(name: str, typed: str, kept: str) -> None:
    checked = check_named(name, typed)
    assert checked.problem is None
    assert checked.doubt is None
    assert checked.value == kept
    assert check_named(name, kept).value == kept


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("uscc", "9111000010000000", "应当是 18 位，现在是 16 位"),
        ("uscc", "9111000010000000OM", "第 17 位“O”"),
        ("mobile", "138 0013 800", "现在是 10 位"),
        ("mobile", "12800138000", "座机请填在电话一栏"),
        ("mobile", "一三八", "只能填写数字"),
        ("phone", "888", "0730-8880000"),
        ("email", "office.example.cn", "缺少 @"),
        ("email", "a@b", "name@example.cn"),
        ("document_number", "常文明委[2020]6号", "年份要用六角括号〔〕。应写成：常文明委〔2020〕6号"),
        ("document_number", "常文明委（2020）06号", "顺序号前面不加 0。应写成：常文明委〔2020〕6号"),
        ("document_number", "常文明委〔2020〕第6号", "顺序号前不加“第”。应写成：常文明委〔2020〕6号"),
        ("document_number", "常文明委〔20〕6号", "年份要写全四位。应写成：常文明委〔2020〕6号"),
        ("document_number", "常文明委2020年6", "应写成：常文明委〔2020〕6号"),
        ("document_number", "常文明委〔２０２０〕６号", "应写成：常文明委〔2020〕6号"),
        ("document_number", "常文明委〔2020〕0号", "例如 常文明委〔2020〕6号"),
        ("document_number", "常文明委〔1820〕6号", "四位年份"),
        ("document_number", "关于表彰的通知", "机关代字"),
        ("chinese_date", "2020年2月30日", "2020年2月没有 30 日"),
        ("chinese_date", "2020年13月1日", "没有 13 月"),
        ("chinese_date", "2020年5月", "缺少日"),
        ("chinese_date", "5月15日", "缺少年份"),
        ("chinese_date", "20.5.15", "四位"),
        ("chinese_date", "2020515", "不是日期"),
        ("chinese_date", "二〇二〇年五月十十日", "没有 99 日"),
        ("chinese_date", "明天", "不是日期"),
        ("ratio", "120%", "0 到 100%"),
        ("ratio", "3/2", "0 到 100%"),
        ("ratio", "1/0", "不是比例"),
        ("ratio", "30", "例如 30%"),
        ("ratio", "一半", "不是比例"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(name: str, typed: str, says: str) -> None:
    checked = check_named(name, typed)
    assert checked.problem is not None
    assert says in checked.problem.text("发文字号")
    assert "「发文字号」" in checked.problem.text("发文字号")
    assert checked.value == typed


def test_a_wrong_check_digit_of_a_code_only_warns() -> None:
    checked = check_named("uscc", "911100001000000091")
    assert checked.problem is None
    assert checked.doubt is not None
    assert "校验位应为 M" in checked.doubt.text("代码")


def test_braces_in_what_was_typed_do_no_harm() -> None:
    checked = check_named("uscc", "{label}{0}{x!r}12345")
    assert checked.problem is not None
    assert checked.problem.text("代码")
