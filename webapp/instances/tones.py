"""How an act reads at a glance: good, bad, a step back, or neither. Only a colour and an icon hang on it."""

_GOOD = frozenset({"pass", "approve", "accept", "granted", "agree", "promote", "uphold", "end"})
_BAD = frozenset({"reject", "refuse", "fail", "object", "not_granted", "incident"})
_BACK = frozenset({"return", "edit", "reassess", "extend", "waitlist", "not_answered", "withdraw", "suspend"}) | {
    "return_to_unit",
    "return_to_step",
    "recall",
    "remove_signer",
    "nudge",
}


def tone_of(act: str | None) -> str:
    """``good``, ``bad``, ``warn`` or ``neutral`` for an outcome or act."""
    if act in _GOOD:
        return "good"
    if act in _BAD:
        return "bad"
    return "warn" if act in _BACK else "neutral"
