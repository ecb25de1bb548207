"""Deputies: what they get and when, in whose name they act, and which of them are refused."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.factories.small_world import PROCESS
from tests.integration.absence.conftest import Name
from tests.integration.acts.conftest import PASS, Desk
from webapp import clock
from webapp.absence.jobs import give_missed, refresh_deputies
from webapp.absence.models import DeputyRight
from webapp.absence.operations import Wish, end_deputy, name_deputy, refresh
from webapp.absence.standing_in import represent_missed
from webapp.access import Actor
from webapp.accounts.management import disable_user, enable_user
from webapp.accounts.models import User
from webapp.acts.handing import transfer
from webapp.audit.models import AuditEntry
from webapp.instances.models import Submission
from webapp.mail.digests import build_digests
from webapp.mail.models import MailMessage
from webapp.problems import Conflict, Forbidden, Invalid, NotFound
from webapp.reminders.operations import sweep_batch
from webapp.tasks.following import follow_person
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.operations import claim, complete_task


def at_review(desk: Desk) -> Task:
    desk.pass_("fill", desk.clerk)
    return desk.task("review")


def administrator(desk: Desk) -> Actor:
    return desk.world.person("管理员", desk.world.city, "administrator")


def test_group_tasks_come_to_the_deputy_also_those_that_open_meanwhile(
    desk: Desk, helper: Actor, stands_in: Name
) -> None:
    review = at_review(desk)
    stands_in(helper, desk.a)
    assert str(helper.user_id) in desk.people(review)
    desk.complete(review, helper)
    for element in ("left", "right"):
        assert desk.people(desk.task(element))[str(helper.user_id)] == "deputy"
    assert desk.lines()[-1] == ("pass", helper.user_id, desk.a.user_id)
    done = desk.session.scalars(select(Submission).where(Submission.element == "review")).one()
    assert (done.actor_id, done.on_behalf_of) == (helper.user_id, desk.a.user_id)
    logged = desk.session.scalars(select(AuditEntry).where(AuditEntry.act == "task.complete")).all()[-1]
    assert (logged.actor_id, logged.on_behalf_of) == (helper.user_id, desk.a.user_id)


def test_what_the_absent_person_has_in_hand_is_done_in_their_name_by_colleagues_too(
    desk: Desk, stands_in: Name
) -> None:
    review = at_review(desk)
    claim(desk.session, desk.a, clock.now(), review.id)
    desk.session.commit()
    stands_in(desk.b, desk.a)
    assert desk.people(review)["乙"] == "role", "a reviewer of the county anyway"
    desk.complete(desk.task("review"), desk.b)
    assert desk.lines()[-1] == ("pass", desk.b.user_id, desk.a.user_id)
    desk.complete(desk.task("left"), desk.b)
    assert desk.lines()[-1] == ("pass", desk.b.user_id, None), "what colleagues may do anyway is their own"


def test_the_absent_person_is_told_with_whom_the_task_is_that_the_deputy_hands_on(
    desk: Desk, helper: Actor, stands_in: Name
) -> None:
    review = at_review(desk)
    claim(desk.session, desk.a, clock.now(), review.id)
    stands_in(helper, desk.a)
    review = desk.task("review")
    transfer(desk.session, helper, clock.now(), review.id, review.version, desk.b.user_id, "请乙办理")
    desk.session.commit()
    kinds = select(MailMessage.user_id, MailMessage.kind).where(MailMessage.kind.in_(("handed", "taken")))
    told = {tuple(row) for row in desk.session.execute(kinds)}
    assert told == {(desk.b.user_id, "handed"), (desk.a.user_id, "taken")}


def test_the_last_moment_is_the_last_however_late_anybody_looks(desk: Desk, helper: Actor, stands_in: Name) -> None:
    review = at_review(desk)
    row = stands_in(helper, desk.a)
    last, over = row.until_at - timedelta(seconds=1), row.until_at
    claim(desk.session, helper, last, review.id)
    desk.session.commit()
    for act in (claim, lambda *given: complete_task(*given, PASS, review.version)):
        with pytest.raises(Conflict, match="您代甲办理的期间已经结束"):
            act(desk.session, helper, over, review.id)
        desk.session.rollback()
    assert refresh(desk.session, over)
    desk.session.commit()
    assert "甲" in desk.people(review)
    assert str(helper.user_id) not in desk.people(review)
    assert desk.task("review").claimed_by is None, "what the deputy had taken is free for the others"


def test_a_deputy_named_for_later_has_nothing_until_then(desk: Desk, helper: Actor, stands_in: Name) -> None:
    review = at_review(desk)
    row = stands_in(helper, desk.a, after=2)
    assert str(helper.user_id) not in desk.people(review)
    refresh(desk.session, row.from_at)
    assert desk.people(review)[str(helper.user_id)] == "deputy"


def test_the_clock_alone_begins_and_ends_it(desk: Desk, helper: Actor, stands_in: Name) -> None:
    """By the jobs that workers do, with the business clock set forward."""
    review = at_review(desk)
    stands_in(helper, desk.a, after=2, days=1)
    for days, expected in ((1, False), (1.5, True), (1, False)):
        clock.advance(desk.session, timedelta(days=days))
        desk.session.commit()
        refresh_deputies()
        assert (str(helper.user_id) in desk.people(review)) is expected


def test_what_opens_at_the_very_moment_is_not_missed(desk: Desk, helper: Actor) -> None:
    review = at_review(desk)
    right = DeputyRight(principal_id=desk.a.user_id, deputy_id=helper.user_id, process="*", until_at=far())
    desk.session.add(right)  # as if the task had been opened while this was not committed
    desk.session.commit()
    give_missed()
    assert desk.people(review)[str(helper.user_id)] == "deputy"
    assert represent_missed(desk.session) == 0


def test_only_for_the_chosen_processes(desk: Desk, helper: Actor, stands_in: Name) -> None:
    review = at_review(desk)
    with pytest.raises(Invalid) as found:
        stands_in(helper, desk.a, processes=["没有这个流程"])
    assert found.value.errors[0].code == "unknown"
    desk.session.rollback()
    desk.session.add(DeputyRight(principal_id=desk.a.user_id, deputy_id=helper.user_id, process="x", until_at=far()))
    stands_in(helper, desk.a, processes=[PROCESS])
    assert desk.people(review)[str(helper.user_id)] == "deputy"
    assert [right.process for right in desk.session.scalars(select(DeputyRight))] == [PROCESS]


def far() -> object:
    return clock.now() + timedelta(days=300)


def test_who_has_a_conflict_does_not_get_the_case_and_the_leader_does(desk: Desk, stands_in: Name) -> None:
    insider = desk.world.person("兼职", desk.world.county, "supervisor")
    boss = desk.world.person("主任", desk.world.county, "city_leader")
    review = at_review(desk)
    desk.session.execute(update(Task).where(Task.id == review.id).values(excluded_elements=["fill"]))
    desk.session.execute(update(Submission).values(on_behalf_of=insider.user_id))
    stands_in(insider, desk.a)
    people = desk.people(desk.task("review"))
    assert str(insider.user_id) not in people
    assert people[str(boss.user_id)] == "leader"
    desk.complete(desk.task("review"), boss)
    assert desk.lines()[-1] == ("pass", boss.user_id, desk.a.user_id)


def test_a_person_of_a_unit_is_represented_within_the_unit_alone(desk: Desk, stands_in: Name) -> None:
    with pytest.raises(Invalid) as found:
        stands_in(desk.a, desk.clerk)
    assert found.value.errors[0].code == "other_organisation"
    desk.session.rollback()
    boss = desk.world.person("单位负责人", desk.world.unit, "unit_leader")
    stands_in(boss, desk.clerk)
    desk.pass_("fill", boss)
    assert desk.lines()[-1] == ("pass", boss.user_id, desk.clerk.user_id)


def test_a_chain_is_followed_to_its_end(desk: Desk, helper: Actor, stands_in: Name) -> None:
    last = desk.world.person("戊", desk.world.county, "supervisor")
    stands_in(helper, desk.a)
    stands_in(last, helper, days=1)
    review = at_review(desk)
    people = desk.people(review)
    assert people[str(helper.user_id)] == people[str(last.user_id)] == "deputy"
    desk.complete(review, last)
    assert desk.lines()[-1] == ("pass", last.user_id, desk.a.user_id), "for whom it is, not by whom it came"
    refresh(desk.session, clock.now() + timedelta(days=2))
    assert [r.deputy_id for r in desk.session.scalars(select(DeputyRight))] == [helper.user_id]


def test_circles_are_refused_with_the_way_and_those_apart_in_time_are_none(
    desk: Desk, helper: Actor, stands_in: Name
) -> None:
    stands_in(desk.b, desk.a)
    stands_in(helper, desk.b)
    for deputy, absent, way in ((desk.a, helper, "丁→甲→乙→丁"), (desk.a, desk.b, "乙→甲→乙")):
        with pytest.raises(Invalid, match=way) as found:
            stands_in(deputy, absent)
        assert found.value.errors[0].code == "circle"
        desk.session.rollback()
    stands_in(desk.a, helper, after=4)


def test_two_deputies_at_once_and_only_one_decides(desk: Desk, helper: Actor, stands_in: Name) -> None:
    second = desk.world.person("戊", desk.world.county, "supervisor")
    review = at_review(desk)
    stands_in(helper, desk.a)
    stands_in(second, desk.a)
    desk.complete(review, helper)
    with pytest.raises(Conflict):
        desk.complete(review, second)
    desk.session.rollback()
    assert desk.acts.count("pass") == 2


def test_the_same_deputy_twice_at_a_time_is_refused_and_for_more_processes_is_not(
    desk: Desk, helper: Actor, stands_in: Name
) -> None:
    stands_in(helper, desk.a, processes=[PROCESS])
    with pytest.raises(Conflict, match="不必重复"):
        stands_in(helper, desk.a, days=1, processes=[PROCESS])
    desk.session.rollback()
    stands_in(helper, desk.a, days=1)
    assert {r.process for r in desk.session.scalars(select(DeputyRight))} == {"*", PROCESS}, "the longer one stays"


def test_a_disabled_deputy_gives_way_to_the_leader_and_comes_back(desk: Desk, helper: Actor, stands_in: Name) -> None:
    boss = desk.world.person("主任", desk.world.county, "city_leader")
    administrator_ = administrator(desk)
    review = at_review(desk)
    stands_in(helper, desk.a)
    disable_user(desk.session, administrator_, helper.user_id)
    desk.session.commit()
    assert str(helper.user_id) not in desk.people(review)
    assert desk.people(review)[str(boss.user_id)] == "leader"
    told = desk.session.scalars(select(MailMessage).where(MailMessage.user_id == desk.a.user_id)).all()
    assert [message.facts["act"] for message in told if message.kind == "deputy"] == ["disabled"]
    enable_user(desk.session, administrator_, helper.user_id)
    assert desk.people(review)[str(helper.user_id)] == "deputy"
    assert str(boss.user_id) not in desk.people(review)


def test_who_loses_the_role_takes_the_deputy_along(desk: Desk, helper: Actor, stands_in: Name) -> None:
    review = at_review(desk)
    stands_in(helper, desk.a)
    desk.session.execute(update(User).where(User.id == desk.a.user_id).values(roles=["supervisor"]))
    follow_person(desk.session, desk.a.user_id)
    assert str(helper.user_id) not in desk.people(review), "no right that the absent person does not have"


def test_what_is_for_one_person_alone_is_theirs_again_after_the_absence(
    desk: Desk, helper: Actor, stands_in: Name
) -> None:
    review = at_review(desk)
    transfer(desk.session, desk.b, clock.now(), review.id, review.version, desk.a.user_id)
    desk.session.commit()
    row = stands_in(helper, desk.a)
    assert desk.people(review) == {"甲": "transfer", str(helper.user_id): "deputy"}
    assert desk.task("review").claimed_by is None
    end_deputy(desk.session, desk.a, clock.now(), row.id)
    desk.session.commit()
    assert desk.people(review) == {"甲": "transfer"}
    assert desk.task("review").claimed_by == desk.a.user_id
    with pytest.raises(Conflict):
        end_deputy(desk.session, desk.a, clock.now(), row.id)


def test_a_signer_is_represented_but_nobody_signs_twice(desk: Desk, helper: Actor, stands_in: Name) -> None:
    boss = desk.world.person("主任", desk.world.county, "city_leader")
    stands_in(desk.b, desk.a)
    at_review(desk)
    for element in ("review", "left", "right"):
        desk.pass_(element, desk.c)
    mine = next(task for task in desk.world.open_tasks(desk.instance) if task.assigned_user_id == desk.a.user_id)
    assert desk.people(mine) == {"甲": "person", str(boss.user_id): "leader"}, "乙 signs beside"
    stands_in(helper, desk.a)
    assert desk.people(mine) == {"甲": "person", str(helper.user_id): "deputy"}
    desk.complete(mine, helper)
    assert desk.lines()[-1] == ("pass", helper.user_id, desk.a.user_id)


def test_substitutes_of_absent_people_are_represented(desk: Desk, stands_in: Name) -> None:
    """Nobody in the county may do it: the office above does, and somebody there stands in for an absent colleague."""
    above = desk.world.person("市审核", desk.world.city, "city_reviewer")
    other = desk.world.person("市其他", desk.world.city, "supervisor")
    stands_in(other, above)
    county = (desk.a.user_id, desk.b.user_id, desk.c.user_id)
    desk.session.execute(update(User).where(User.id.in_(county)).values(roles=["supervisor"]))
    assert desk.people(at_review(desk))[str(other.user_id)] == "deputy"


def test_others_name_deputies_only_for_those_whom_they_look_after(desk: Desk, helper: Actor, stands_in: Name) -> None:
    boss = desk.world.person("单位负责人", desk.world.unit, "unit_leader")
    desk.session.commit()
    with pytest.raises(Forbidden):
        stands_in(helper, desk.a, by=desk.b)
    desk.session.rollback()
    row = stands_in(boss, desk.clerk, by=desk.a)
    assert row.created_by == desk.a.user_id
    stranger = desk.world.person("外人", desk.world.unit, "unit_clerk")
    with pytest.raises(NotFound):
        end_deputy(desk.session, stranger, clock.now(), row.id)
    told = {m.user_id for m in desk.session.scalars(select(MailMessage).where(MailMessage.kind == "deputy"))}
    assert told == {boss.user_id, desk.clerk.user_id}


@pytest.mark.parametrize(
    ("to", "days", "code"), [(999_999, 3, "unknown"), ("没有", 3, "unknown"), (None, 3, "unknown"), (0, 400, "unknown")]
)
def test_nonsense_is_refused_with_words(desk: Desk, to: object, days: int, code: str) -> None:
    now = clock.now()
    with pytest.raises(Invalid) as found:
        name_deputy(desk.session, desk.a, now, None, Wish(to, now, now + timedelta(days=days)))
    assert found.value.errors[0].code == code


def test_periods_that_cannot_be_are_refused(desk: Desk, helper: Actor, stands_in: Name) -> None:
    for days, after, code in ((-1, 0, "order"), (1, -5, "past"), (400, 0, "too_long")):
        with pytest.raises(Invalid) as found:
            stands_in(helper, desk.a, days=days, after=after)
        assert found.value.errors[0].code == code
        desk.session.rollback()
    with pytest.raises(Invalid) as found:
        stands_in(desk.a, desk.a)
    assert found.value.errors[0].code == "self"


def test_who_stands_in_is_told_like_the_absent_person(desk: Desk, helper: Actor, stands_in: Name) -> None:
    """Of what is handed to them, of what comes due, and as a superior of what is late; what is theirs in the digest."""
    boss = desk.world.person("主任", desk.world.county, "city_leader")
    vice = desk.world.person("副主任", desk.world.county, "supervisor")
    review = at_review(desk)
    transfer(desk.session, desk.b, clock.now(), review.id, review.version, desk.a.user_id)
    stands_in(helper, desk.a)
    stands_in(vice, boss)
    transfer(desk.session, desk.a, clock.now(), review.id, desk.task("review").version, desk.c.user_id)
    transfer(desk.session, desk.c, clock.now(), review.id, desk.task("review").version, desk.a.user_id)
    assert told(desk, "handed")[-2:] == [desk.a.user_id, helper.user_id]
    due = clock.now() + timedelta(hours=1)
    desk.session.execute(update(Task).where(Task.id == review.id).values(due_at=due, next_notice_at=due))
    desk.session.execute(update(TaskCandidate).where(TaskCandidate.task_id == review.id).values(due_at=due))
    desk.session.commit()
    for hours in range(2, 400, 6):  # rest days are no days of escalations
        sweep_batch(desk.session, clock.now() + timedelta(hours=hours))
        if told(desk, "escalation"):
            break
    assert set(told(desk, "escalation")) == {boss.user_id, vice.user_id}
    desk.session.commit()
    next(days for days in range(2, 16) if build_digests(morning(days)))
    digests = desk.session.execute(select(MailMessage.user_id, MailMessage.facts).where(MailMessage.kind == "digest"))
    late = {user: facts["late"] for user, facts in digests}
    assert late[desk.a.user_id] == late[helper.user_id] == 1


def told(desk: Desk, kind: str) -> list[int]:
    return list(desk.session.scalars(select(MailMessage.user_id).where(MailMessage.kind == kind).order_by("id")))


def morning(days: int) -> datetime:
    """Nine o'clock of a day to come."""
    return (clock.now().astimezone(clock.SHANGHAI) + timedelta(days=days)).replace(hour=9, minute=0)
