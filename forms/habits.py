"""Named validators for what people type in Chinese offices: codes, numbers, dates and ratios as really written.

Each takes text and returns it in one normal form, or says what is wrong and shows the form that would be right.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from forms.messages import Finding, Refused, finding


@dataclass(frozen=True, slots=True)
class Checked:
    """The normal form of a text; `problem` refuses it, `doubt` only warns."""

    value: str
    problem: Finding | None = None
    doubt: Finding | None = None


def check_named(name: str, text: str) -> Checked:
    """Check text by a named validator. Raises KeyError for a name that does not exist."""
    return NAMED[name](text)


def check_uscc(text: str) -> Checked:
    """Check a 统一社会信用代码 (GB 32100-2015): 18 characters without I, O, S, V, Z, the last a check digit.

    A wrong check digit only warns: early codes are irregular.
    """
    code = _narrow(text).upper().replace(" ", "")
    if len(code) != 18:
        return _refuse(
            text, "uscc_length", "「{label}」应当是 18 位，现在是 {length} 位。请对照证照补全。", length=len(code)
        )
    for place, character in enumerate(code, start=1):
        if character not in _USCC_ALPHABET:
            message = "「{label}」第 {place} 位“{character}”不是代码用的字符（数字和除 I、O、S、V、Z 外的大写字母）。"
            return _refuse(text, "uscc_character", message, place=place, character=character)
    total = sum(_USCC_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(code[:17]))
    expected = _USCC_ALPHABET[-total % 31]
    if code[17] == expected:
        return Checked(code)
    message = "「{label}」的校验位应为 {expected}，填写的是 {given}。请核对证照；确实如此可以照样提交。"
    return Checked(code, doubt=finding("uscc_check_digit", message, expected=expected, given=code[17]))


def check_mobile(text: str) -> Checked:
    """Check a mainland mobile number; blanks, hyphens and +86 are taken away."""
    digits = re.sub(r"[\s-]", "", _narrow(text)).removeprefix("+86")
    if re.fullmatch(r"86[0-9]{11}", digits):
        digits = digits[2:]
    if not re.fullmatch(r"[0-9]+", digits):
        return _refuse(text, "mobile", "「{label}」只能填写数字。请填写 11 位手机号码，例如 13800138000。")
    if len(digits) != 11:
        message = "「{label}」应当是 11 位，现在是 {length} 位。请补全手机号码。"
        return _refuse(text, "mobile", message, length=len(digits))
    if not re.fullmatch(r"1[3-9][0-9]{9}", digits):
        return _refuse(text, "mobile", "「{label}」不是手机号码：应当以 13 至 19 开头。座机请填在电话一栏。")
    return Checked(digits)


def check_phone(text: str) -> Checked:
    """Check a telephone number: mobile, landline with or without extension, 400/800, or international with +."""
    number = re.sub(r"[\s()]", "", _narrow(text)).replace("转", "-")
    if any(re.fullmatch(pattern, number) for pattern in _PHONES):
        return Checked(number)
    return _refuse(text, "phone", "「{label}」不是电话号码。请写成 0730-8880000、0730-8880000-12 或 13800138000。")


def check_email(text: str) -> Checked:
    """Check an e-mail address (the ASCII part of RFC 5321 that offices use)."""
    address = _narrow(text)
    local, at, domain = address.rpartition("@")
    if not at:
        return _refuse(text, "email", "「{label}」缺少 @。请写成 name@example.cn 的样子。")
    good_local = len(local) <= 64 and re.fullmatch(r"[\w.!#$%&'*+/=?^`{|}~-]+", local, re.ASCII)
    labels = domain.split(".")
    good_domain = len(domain) <= 190 and len(labels) > 1
    if good_local and good_domain and all(re.fullmatch(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)", part) for part in labels):
        return Checked(address)
    return _refuse(text, "email", "「{label}」不是有效的电子邮箱。请写成 name@example.cn 的样子。")


def check_document_number(text: str) -> Checked:
    """Check a 发文字号 such as 常文明委〔2020〕6号: six-angle brackets, full year, no leading zero.

    Source: GB/T 9704-2012 7.2.5 (年份标全称，用六角括号“〔〕”括入；发文顺序号不加“第”字，不编虚位，加“号”字).
    """
    number = text.strip()
    if _DOCUMENT_NUMBER.fullmatch(number):
        return Checked(number)
    loose = _LOOSE_NUMBER.fullmatch(_narrow(number))
    if loose is None or int(loose["serial"]) == 0:
        message = "「{label}」应当由机关代字、〔年份〕、顺序号组成，例如 常文明委〔2020〕6号。"
        return _refuse(text, "document_number", message)
    year = loose["year"] if len(loose["year"]) == 4 else f"20{loose['year']}"
    right = f"{loose['office']}〔{year}〕{int(loose['serial'])}号"
    if not _DOCUMENT_NUMBER.fullmatch(right):
        message = "「{label}」的年份不对，应当是四位年份，例如 常文明委〔2020〕6号。"
        return _refuse(text, "document_number", message)
    reasons = "、".join(_number_faults(loose, number))
    return _refuse(text, "document_number", "「{label}」{reasons}。应写成：{right}", reasons=reasons, right=right)


def check_chinese_date(text: str) -> Checked:
    """Check a date as people write it (2020年5月15日, 2020-05-15, 2020.5.15, 二〇二〇年五月十五日) → ISO."""
    written = _narrow(text).replace(" ", "")
    parts = _CHINESE_DATE.fullmatch(written)
    if parts is not None:
        written = "-".join(str(_chinese_number(part)) for part in parts.groups())
    match = _DATE.fullmatch(written) or _COMPACT_DATE.fullmatch(written)
    if match is None:
        return _refuse(text, "chinese_date", _date_fault(written))
    year, month, day = (int(part) for part in match.groups())
    if not 1 <= month <= 12:
        return _refuse(text, "chinese_date", "「{label}」没有 {month} 月。请改正月份。", month=month)
    try:
        return Checked(date(year, month, day).isoformat())
    except ValueError:
        message = "「{label}」：{year}年{month}月没有 {day} 日。请改正日期。"
        return _refuse(text, "chinese_date", message, year=year, month=month, day=day)


def check_ratio(text: str) -> Checked:
    """Check a ratio (80%, 0.8, 1/3, 三分之一, 百分之八十): what is exact in percent becomes 80%, the rest 1/3."""
    try:
        value = parse_ratio(text)
    except Refused as error:
        return Checked(text, error.finding)
    if 10**6 % value.denominator == 0:
        return Checked(f"{_plain(value * 100)}%")
    return Checked(f"{value.numerator}/{value.denominator}")


def parse_ratio(text: str) -> Fraction:
    """Return the exact value between 0 and 1. Raises Refused with what is wrong."""
    written = _narrow(text).replace(" ", "")
    value = _written_ratio(written)
    if value is None:
        raise Refused(finding("ratio", "「{label}」不是比例。请写成 80%、1/3 或 三分之一。"))
    if not 0 <= value <= 1:
        raise Refused(finding("ratio", "「{label}」应当在 0 到 100% 之间。请改正。"))
    return value


_PHONES = (
    r"(\+?86-?)?1[3-9][0-9]{9}",
    r"(0[0-9]{2,3}-?)?[2-9][0-9]{6,7}(-[0-9]{1,6})?",
    r"[48]00-?[0-9]{3}-?[0-9]{4}",
    r"\+[0-9]{1,3}-?[0-9]{5,14}",
)
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_DOCUMENT_NUMBER = re.compile(r"[\u4e00-\u9fff()（）A-Za-z]{1,30}〔(?:19[4-9]\d|20\d\d)〕[1-9][0-9]{0,4}号", re.ASCII)
_LOOSE_NUMBER = re.compile(
    r"(?P<office>[\u4e00-\u9fff]{1,30}?)\s*(?P<open>[〔\[(【﹝{<〈《［（]?)\s*(?P<year>[0-9]{4}|[0-9]{2})\s*年?\s*"
    r"(?P<close>[〕\])】﹞}>〉》］）]?)\s*(?P<ordinal>第?)\s*(?P<serial>[0-9]{1,6})\s*(?P<end>号?)"
)
_CHINESE_DIGITS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "两": 2, "O": 0}
_NUMERAL = "[〇零○O一二三四五六七八九十]"
_CHINESE_DATE = re.compile(rf"({_NUMERAL}{{4}})年({_NUMERAL}{{1,3}})月({_NUMERAL}{{1,3}})[日号]")
_DATE = re.compile(r"((?:19|20)[0-9]{2})[年./-]([0-9]{1,2})[月./-]([0-9]{1,2})[日号]?")
_COMPACT_DATE = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")


def _narrow(text: str) -> str:
    """Turn full-width letters, digits and marks into the ordinary ones, so that 1 and １ are the same."""
    return unicodedata.normalize("NFKC", text).strip()


def _refuse(text: str, code: str, template: str, **params: object) -> Checked:
    return Checked(text, finding(code, template, **params))


def _number_faults(loose: re.Match[str], written: str) -> list[str]:
    faults = []
    if "〔" not in written or "〕" not in written:
        faults.append("年份要用六角括号〔〕")
    if len(loose["year"]) != 4:
        faults.append("年份要写全四位")
    if loose["ordinal"]:
        faults.append("顺序号前不加“第”")
    if loose["serial"].startswith("0"):
        faults.append("顺序号前面不加 0")
    if not loose["end"]:
        faults.append("末尾缺少“号”")
    return faults or ["数字要用半角，中间不留空格"]


def _date_fault(written: str) -> str:
    if re.fullmatch(r"(19|20)[0-9]{2}[年./-][0-9]{1,2}月?", written):
        return "「{label}」缺少日。请写成 2020年5月15日 或 2020-05-15。"
    if re.fullmatch(r"[0-9]{2}[年./-][0-9]{1,2}[月./-][0-9]{1,2}日?", written):
        return "「{label}」的年份要写四位，例如 2020年5月15日。"
    if re.fullmatch(r"[0-9]{1,2}[月./-][0-9]{1,2}日?", written):
        return "「{label}」缺少年份。请写成 2020年5月15日 或 2020-05-15。"
    return "「{label}」不是日期。请写成 2020年5月15日、2020-05-15 或 2020.5.15。"


def _chinese_number(text: str) -> int:
    """Read 二〇二〇 digit by digit and 十五, 二十, 三十一 as numbers."""
    if "十" not in text:
        return int("".join(str(_CHINESE_DIGITS[character]) for character in text))
    tens, _, ones = text.partition("十")
    if "十" in ones:
        return 99
    return 10 * (_CHINESE_DIGITS[tens[-1]] if tens else 1) + (_CHINESE_DIGITS[ones[-1]] if ones else 0)


def _written_ratio(written: str) -> Fraction | None:
    match = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%", written)
    if match:
        return Fraction(match[1]) / 100
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", written)
    if match:
        return Fraction(int(match[1]), int(match[2])) if int(match[2]) else None
    match = re.fullmatch(rf"(百|{_NUMERAL}{{1,3}})分之({_NUMERAL}{{1,3}}|百)", written)
    if match:
        below = 100 if match[1] == "百" else _chinese_number(match[1])
        above = 100 if match[2] == "百" else _chinese_number(match[2])
        return Fraction(above, below) if below else None
    if re.fullmatch(r"0?\.[0-9]{1,6}|0", written):
        return Fraction(written)
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", written):
        message = "「{label}」里的“{written}”看不出是百分之几还是几倍。请带上百分号，例如 {written}%。"
        raise Refused(finding("ratio", message, written=written))
    return None


def _plain(value: Fraction) -> str:
    text = f"{float(value):.6f}".rstrip("0").rstrip(".")
    return text or "0"


NAMED: dict[str, Callable[[str], Checked]] = {
    "uscc": check_uscc,
    "mobile": check_mobile,
    "phone": check_phone,
    "email": check_email,
    "document_number": check_document_number,
    "chinese_date": check_chinese_date,
    "ratio": check_ratio,
}
