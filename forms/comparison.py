"""What differs between two versions of a form document, in words, component by component."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

_UNSEEN = frozenset({"components", "layout", "id"})
_WORDS = {
    "label": "标题",
    "key": "字段名",
    "path": "字段名",
    "type": "类型",
    "description": "说明",
    "values": "选项",
    "validate": "校验",
    "conditional": "隐藏条件",
    "defaultValue": "默认值",
    "readonly": "只读",
    "properties": "附加属性",
    "text": "文字",
}


def compare_documents(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """All differences, in the order of the newer document; what was removed comes last."""
    before, after = dict(_components(old)), dict(_components(new))
    found = [line for key, component in after.items() for line in _changes(before.get(key), component)]
    found += [f"删除{_label(gone)}" for key, gone in before.items() if key not in after]
    kept = [key for key in before if key in after]
    if not found and kept != [key for key in after if key in before]:
        found.append("字段的先后次序有变化")
    return found


def _components(holder: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for place, component in enumerate(holder.get("components") or ()):
        if isinstance(component, Mapping):
            key = prefix + str(component.get("key") or component.get("path") or component.get("id") or place)
            yield key, component
            yield from _components(component, f"{key}.")


def _changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Iterator[str]:
    if before is None:
        yield f"增加{_label(after)}"
        return
    for name in sorted((before.keys() | after.keys()) - _UNSEEN):
        if before.get(name) != after.get(name):
            word = _WORDS.get(name, name)
            yield f"{_label(after)}的{word}：{_said(before.get(name))} → {_said(after.get(name))}"


def _label(component: Mapping[str, Any]) -> str:
    return f"“{component.get('label') or component.get('key') or component.get('text') or component.get('id') or ''}”"[
        :80
    ]


def _said(value: Any) -> str:
    text = "无" if value in (None, "") else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else f"{text[:160]}…"
