"""What the cells of a unit's row mean: jurisdiction, code, honour, kind. Nothing is guessed without being said."""

import re
from dataclasses import dataclass

from forms.habits import check_uscc
from webapp.imports.headers import Record, plain
from webapp.imports.known import Reach
from webapp.imports.report import Item
from webapp.registry.places import Place, Places, squeeze
from webapp.registry.rules import place_by_name

YES = {"是", "1", "y", "yes", "true", "√", "市直"}
NO = {"否", "0", "n", "no", "false", "×", "非市直"}
_KINDS = {"office": "office", "文明办": "office", "department": "department", "部门": "department"}
_PLAIN_UNITS = {"unit", "单位"}
_HONOUR_NAMES = {
    "县级文明单位": "county",
    "县市区级文明单位": "county",
    "市级文明单位": "city",
    "市文明单位": "city",
    "市级标兵": "city_model",
    "市级文明单位标兵": "city_model",
    "市级文明标兵单位": "city_model",
    "省级文明单位": "provincial",
    "省文明单位": "provincial",
    "省级标兵": "provincial_model",
    "省级文明单位标兵": "provincial_model",
    "省级文明标兵单位": "provincial_model",
    "全国文明单位": "national",
}
"""The names that documents use for the honours, beside those of the registry."""


@dataclass(frozen=True)
class Standing:
    """Where a unit belongs, as far as the row says."""

    region_code: str | None
    waiting_code: str | None
    city_direct: bool | None
    """``None``: the row does not say."""
    advice: str = ""
    """What the name suggests to the person who will place it."""


def read_place(item: Item, field: str, text: str, places: Places) -> Place | None:
    """The region that a cell names; refuses the row when it is unknown, ambiguous or out of reach."""
    if not text:
        return None
    found = places.find(text)
    if not found:
        item.refuse("unknown_region", field, f"没有找到地区“{text}”，请填写六位代码或全称（如 岳阳市云溪区）。")
        return None
    if len(found) > 1:
        codes = "、".join(place.code for place in found[:5])
        item.refuse("ambiguous_region", field, f"“{text}”可能是多个地区（{codes}），请填写代码或带上级的全称。")
        return None
    if not places.is_within(found[0]):
        item.refuse("foreign_region", field, f"“{text}”不在您的管辖范围内。")
        return None
    return found[0]


def read_standing(item: Item, record: Record, places: Places, reach: Reach) -> Standing:
    """The jurisdiction: as written; else the county that the row itself gives; else a person must place it."""
    direct = _read_direct(item, record.get("city_direct"))
    region = read_place(item, "region", record.get("region"), places)
    written = read_place(item, "jurisdiction", record.get("jurisdiction"), places)
    if item.is_refused:
        return Standing(None, None, direct)
    if written is not None:
        return _written(item, written, direct)
    return _concluded(item, record.get("name"), region, direct, places, reach)


def flag_waiting(item: Item, standing: Standing) -> None:
    """Say that a person must place the unit."""
    message = f"没有说明由哪个县（市、区）管辖，等待人工归属。{standing.advice}"
    item.flag("waiting_for_place", "jurisdiction", message)


def _read_direct(item: Item, text: str) -> bool | None:
    word = plain(text)
    if not word or word in YES or word in NO:
        return None if not word else word in YES
    item.refuse("not_yes_or_no", "city_direct", f"“{text}”应填 是 或 否。")
    return None


def _written(item: Item, place: Place, direct: bool | None) -> Standing:
    if place.level == "city" and direct is False:
        item.refuse(
            "city_direct_mismatch", "city_direct", "由市级直接管辖的单位是市直单位，与所填“否”矛盾，请改正一处。"
        )
    if place.level == "city" and direct is None:
        item.flag("city_direct_from_jurisdiction", "city_direct", "未填是否市直；管辖地区是市级，按市直单位登记。")
        direct = True
    if place.level == "county" and direct:
        item.flag("city_direct_mismatch", "city_direct", "填了市直，但管辖地区是县级：照填写登记，请核对。")
    if place.level == "province":
        item.flag("province_direct", "jurisdiction", "管辖地区是省级（省直单位），目前的申报流程不包括省直单位。")
    return Standing(place.code, None, direct)


def _concluded(
    item: Item, name: str, region: Place | None, direct: bool | None, places: Places, reach: Reach
) -> Standing:
    city = region.city_code if region else None
    if region is not None and direct and city:
        item.flag("jurisdiction_from_city_direct", "jurisdiction", "未填管辖地区；是市直单位，按所在市管辖登记。")
        return Standing(city, None, True)
    if region is not None and region.level == "county":
        item.flag("jurisdiction_from_region", "jurisdiction", f"未填管辖地区，按所在地区“{region.name}”登记。")
        return Standing(region.code, None, direct)
    home = region.code if region else reach.home
    advice = _advice(name, places, city or home)
    return Standing(None, home, direct, advice)


def _advice(name: str, places: Places, city: str | None) -> str:
    if city is None or not places.knows(city) or places.get(city).level != "city":
        return ""
    likely = place_by_name(name, places.children_of(city), places.get(city).name)
    return f"从名称看可能是“{places.get(likely).name}”。" if likely else ""


def read_uscc(item: Item, text: str) -> str | None:
    """The code in its normal form; a wrong check digit is flagged, never refused."""
    if not text:
        return None
    checked = check_uscc(text)
    label = "统一社会信用代码"
    if checked.problem is not None:
        item.refuse(checked.problem.code, "uscc", checked.problem.text(label))
        return None
    if checked.doubt is not None:
        item.flag(checked.doubt.code, "uscc", checked.doubt.text(label))
    if checked.value != text:
        item.flag("uscc_written", "uscc", f"“{text}”按标准写法登记为 {checked.value}。")
    return checked.value


def read_honour(item: Item, record: Record, honours: dict[str, str]) -> tuple[str, str] | None:
    """The honour's code and the term that a row states; both or neither."""
    honour, term = record.get("honour"), record.get("term")
    if not honour and not term:
        return None
    if not honour or not term:
        missing = "honour" if not honour else "term"
        item.refuse(f"{missing}_missing", missing, "称号和届次须同时填写（或都不填）。")
        return None
    names = {squeeze(name): code for code, name in honours.items()}
    code = honour if honour in honours else names.get(squeeze(honour)) or _HONOUR_NAMES.get(squeeze(honour))
    if code is None:
        item.refuse("unknown_honour", "honour", f"没有“{honour}”这种称号，可填：{'、'.join(honours.values())}。")
        return None
    if re.fullmatch(r"(19|20)\d\d", term):
        item.flag("term_written", "term", f"“{term}”登记为“{term}年”。")
        term = f"{term}年"
    return code, term


def read_kind(item: Item, text: str, reach: Reach) -> tuple[str, str | None]:
    """The kind of organisation, and the unit's own kind in the words of the file."""
    kind = _KINDS.get(plain(text), "unit")
    if kind != "unit" and not reach.may_add_offices:
        item.refuse("not_allowed", "kind", "文明办和部门只能由系统管理员登记。")
    return kind, text if kind == "unit" and text and plain(text) not in _PLAIN_UNITS else None


def read_name(item: Item, text: str) -> str:
    """The name as written; refuses none, an overlong one and invisible characters."""
    if not text:
        item.refuse("name_missing", "name", "没有填写单位名称。")
    elif len(text) > 200:
        item.refuse("name_too_long", "name", "单位名称超过 200 个字。")
    elif any(not character.isprintable() and not character.isspace() for character in text):
        item.refuse("name_characters", "name", "单位名称里有看不见的控制字符，请重新录入。")
    elif re.search(r"\s", text):
        item.flag("blanks_inside", "name", "名称中间有空白，照原样登记，请核对。")
    return text


def read_names(text: str) -> list[str]:
    """Names that one cell lists."""
    return [name.strip() for name in re.split(r"[、;；|\n]", text) if name.strip()]
