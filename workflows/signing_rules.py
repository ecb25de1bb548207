"""When signers have decided: 会签 (all), 或签 (any one) or by ratio, as `wm:signing` declares it on the step. Pure.

`<wm:signing rule="all|any|ratio" ratio="2/3" approve="pass" outcome="outcome" result="signed" hear_all="true"/>`;
依次 is BPMN's own `isSequential`. As soon as nothing can change the result any more, nobody else is asked, unless
`hear_all` wants everybody's opinion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any, Final

RULES: Final = ("all", "any", "ratio")


@dataclass(frozen=True, slots=True)
class SigningRule:
    """How many of the signers must approve."""

    rule: str
    ratio: Fraction
    approve: frozenset[str]  # the outcomes that count as approval
    outcome: str  # where a vote holds its outcome
    result: str  # the variable that says whether it has passed
    hear_all: bool

    def needed(self, total: int) -> int:
        """How many approvals it takes."""
        if self.rule == "any":
            return 1
        return total if self.rule == "all" else max(1, ceil(self.ratio * total))

    def approvals(self, votes: Sequence[Any]) -> int:
        return sum(self._approves(vote) for vote in votes)

    def _approves(self, vote: Any) -> bool:
        found = vote.get(self.outcome) if isinstance(vote, Mapping) else vote
        return isinstance(found, str) and found in self.approve

    def has_passed(self, votes: Sequence[Any], total: int) -> bool:
        return total > 0 and self.approvals(votes) >= self.needed(total)

    def is_settled(self, votes: Sequence[Any], total: int) -> bool:
        """Whether nobody's signature can change the result any more."""
        if self.hear_all:
            return len(votes) >= total
        left = total - len(votes)
        return self.has_passed(votes, total) or self.approvals(votes) + left < self.needed(total)


def read_rule(declared: Mapping[str, str]) -> SigningRule:
    """The rule that the attributes of `wm:signing` declare.

    Raises:
        ValueError: an unknown rule, or no ratio between 0 and 1.
    """
    rule = declared.get("rule", "all")
    ratio = Fraction(declared.get("ratio", "1"))
    if rule not in RULES or not 0 < ratio <= 1:
        raise ValueError(f"wm:signing rule={rule} ratio={ratio}")
    return SigningRule(
        rule=rule,
        ratio=ratio,
        approve=frozenset(declared.get("approve", "").split()),
        outcome=declared.get("outcome", "outcome"),
        result=declared.get("result", ""),
        hear_all=declared.get("hear_all") == "true",
    )
