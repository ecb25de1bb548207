"""Which settings of a batch fit together, and which are fixed once units have declared; no session, no request."""

from collections.abc import Mapping
from typing import Any

from webapp.problems import InputError

PHASES = {
    "declaration": "申报",
    "review": "县级初审",
    "assessment": "测评",
    "spot_check": "抽查",
    "decision": "作出决定",
    "reporting": "上报",
}
"""The phases whose end a diagram may name (``phase_end``); declaration ends with the window, the others if set."""

FIXED = {
    "indicators": "测评指标",
    "pass_mark": "合格线",
    "sampling_percent": "抽查比例",
    "term": "届次",
}


def batch_errors(answers: Mapping[str, Any]) -> list[InputError]:
    """What contradicts itself in the checked answers of the batch form."""
    errors = []
    if answers["opens_on"] > answers["closes_on"]:
        errors.append(InputError("closes_on", "order", "申报截止不能早于申报开始，请核对日期。"))
    errors += _phase_errors(answers)
    full = sum(row["max_score"] for row in answers["indicators"])
    if answers["pass_mark"] > full:
        text = f"合格线 {answers['pass_mark']:g} 高于各指标满分之和 {full:g}，没有单位能够通过。"
        errors.append(InputError("pass_mark", "above_full", text))
    keys = [(row["honour"], row.get("region") or None, row.get("line") or "") for row in answers.get("quotas") or ()]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            errors.append(
                InputError(f"quotas.{place}.honour", "twice", "同一荣誉、同一地区、同一类别的名额只能列一行，请合并。")
            )
        elif key[0] not in answers["honours"]:
            errors.append(InputError(f"quotas.{place}.honour", "not_offered", "这项荣誉不在本批次可申报的荣誉中。"))
    return errors


def _phase_errors(answers: Mapping[str, Any]) -> list[InputError]:
    """Phases that end before the round begins, or before the phase that comes before them."""
    errors, last, before = [], answers["opens_on"], "申报开始"
    for phase, name in PHASES.items():
        ends = (answers.get("phase_ends") or {}).get(phase)
        if ends and ends < last:
            errors.append(InputError(f"phase_ends.{phase}", "order", f"{name}截止不能早于{before}（{last}），请核对。"))
        elif ends:
            last, before = ends, f"{name}截止"
    return errors


def frozen_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[InputError]:
    """The fixed settings that would change although units have declared under them."""
    errors = [
        InputError(key, "fixed", f"已有单位申报，{label}不能再改。确需调整，请另开批次。")
        for key, label in FIXED.items()
        if _plain(before[key]) != _plain(after[key])
    ]
    if not set(before["honours"]) <= set(after["honours"]):
        errors.append(InputError("honours", "fixed", "已有单位申报，可以增加荣誉，不能减少。"))
    return errors


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [(row["label"], float(row["max_score"])) for row in value]
    return float(value) if isinstance(value, int | float) else value
