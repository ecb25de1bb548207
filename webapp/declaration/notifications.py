"""What a declaring unit is told beside the timeline: that it waits for a place, that it has got one."""

from sqlalchemy import select

from webapp.access import UNIT
from webapp.accounts.models import User
from webapp.instances.processes import Case
from webapp.mail.operations import Recipients, enqueue


def tell_waitlisted(case: Case, unit: int, words: str) -> None:
    """Tell everybody of the unit, also who did not submit."""
    _tell(case, unit, "列为候补", words)


def tell_placed(case: Case, unit: int) -> None:
    """Tell everybody of the unit that their waiting is over."""
    _tell(case, unit, "候补转正", "名额已经腾出，贵单位的申报占用了名额，继续办理。")


def _tell(case: Case, unit: int, what: str, words: str) -> None:
    people = select(User.id).where(
        User.organisation_id == unit, User.roles.overlap(sorted(UNIT)), User.disabled_at.is_(None)
    )
    to = Recipients(people=list(case.session.scalars(people)))
    enqueue(case.session, "outcome", to, {"what": what, "words": words}, instance_id=case.instance_id)
