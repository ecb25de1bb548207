"""What a step declares for the end of its time (``wm:overdue``): nothing but mail, hand over, or a machine decision.

Pure. Who takes over is said in the words of ``wm:assignment``; what the machine decides is an outcome of the form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.deadlines.calendar import Calendar

MAIL, HAND_OVER, DECIDE = "mail", "hand_over", "decide"
_JUST_AFTER = timedelta(seconds=1)


@dataclass(frozen=True)
class Ending:
    """What happens by itself once the due moment, and ``after`` working days more, are over."""

    act: str = MAIL
    after: int = 0
    outcome: str | None = None

    @property
    def acts(self) -> bool:
        """Whether anything happens beyond mail."""
        return self.act != MAIL

    def moment(self, due: datetime, calendar: Calendar, region: str | None = None) -> datetime | None:
        """When it happens; ``None`` where nothing does."""
        if not self.acts:
            return None
        last = calendar.after_working_days(due, self.after, region).at if self.after else due
        return last + _JUST_AFTER

    def words(self, people: str, outcome: str) -> str:
        """The ending as pages say it.

        Args:
            people: who takes over.
            outcome: what the outcome is called in the form.
        """
        if not self.acts:
            return "期限过后除发送通知外，系统不作其他处理。"
        when = f"逾期满 {self.after} 个工作日" if self.after else "期限一过"
        if self.act == HAND_OVER:
            return f"{when}仍未办理的，系统转由{people}办理。"
        return f"{when}仍未办理的，系统自动作出“{outcome}”，并记为系统所作。"


def ending_of(declared: Mapping[str, str] | None) -> Ending:
    """The ending from the attributes of ``wm:overdue``: ``act``, ``after`` and, for ``decide``, ``outcome``.

    Raises:
        ValueError: ``after`` is no number; publishing refuses that.
    """
    given = declared or {}
    return Ending(given.get("act", MAIL), int(given.get("after", "0")), given.get("outcome"))
