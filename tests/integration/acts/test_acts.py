"""Each act beside deciding, in a case with parallel branches and signers: who has what, and what is told."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.integration.acts.conftest import AT_COUNTY, PASS, Desk, case
from webapp import clock
from webapp.accounts.models import User
from webapp.acts import asking, copying, cosigning, handing, recalling, returning, telling
from webapp.acts.models import CarbonCopy, Comment, RecalledDecision, Snooze, TaskRequest
from webapp.instances.interventions import resume, suspend
from webapp.instances.models import Incident, Submission
from webapp.problems import Conflict, Forbidden, Invalid, NotFound, Throttled

AGREE = {"outcome": "agree", "opinion": "可以"}
DISAGREE = {"outcome": "disagree", "opinion": "不妥"}


def at_the_fork(desk: Desk) -> Desk:
    desk.pass_("fill", desk.clerk)
    desk.pass_("review", desk.a)
    return desk


def at_the_signing(desk: Desk) -> Desk:
    at_the_fork(desk)
    desk.pass_("left", desk.a)
    desk.pass_("right", desk.b)
    return desk


def refused(act: object, *arguments: object, code: str) -> None:
    with pytest.raises(Invalid) as found:
        act(*arguments)  # type: ignore[operator]
    assert found.value.errors[0].code == code, found.value.detail


def test_a_transferred_task_is_for_one_person_alone(desk: Desk) -> None:
    at_the_fork(desk)
    left = desk.task("left")
    handing.transfer(desk.session, desk.a, clock.now(), left.id, left.version, desk.c.user_id, "外出")
    desk.session.commit()
    assert desk.people(left) == {"丙": "transfer"}
    with pytest.raises(Forbidden):
        desk.complete(desk.task("left"), desk.a)
    desk.complete(desk.task("left"), desk.c)
    assert desk.elements == ["right"]
    assert desk.acts[-2:] == ["transfer", "pass"]


def test_what_was_handed_on_survives_a_suspension(desk: Desk) -> None:
    at_the_fork(desk)
    left = desk.task("left")
    handing.transfer(desk.session, desk.a, clock.now(), left.id, left.version, desk.c.user_id)
    suspend(desk.session, desk.leader, clock.now(), desk.instance.id, "等待材料")
    resume(desk.session, desk.leader, clock.now() + timedelta(days=3), desk.instance.id, "已补齐")
    desk.session.commit()
    assert desk.people(left) == {"丙": "transfer"}


def test_nobody_gets_a_right_that_the_rule_would_not_give(desk: Desk) -> None:
    at_the_fork(desk)
    left, now = desk.task("left"), clock.now()

    def transfer(to: object) -> None:
        handing.transfer(desk.session, desk.a, now, left.id, left.version, to)

    refused(transfer, desk.clerk.user_id, code="conflict_of_interest")
    refused(transfer, desk.leader.user_id, code="other_organisation")
    refused(transfer, desk.a.user_id, code="self")
    refused(transfer, 999999, code="unknown")
    inspector = desk.world.person("巡视", desk.world.county, "inspector")
    refused(transfer, inspector.user_id, code="no_role")
    refused(
        cosigning.add,
        desk.session,
        desk.a,
        now,
        left.id,
        left.version,
        "before",
        desk.clerk.user_id,
        code="conflict_of_interest",
    )


def test_a_delegated_task_comes_back_with_the_opinion(desk: Desk) -> None:
    at_the_fork(desk)
    left = desk.task("left")
    asking.ask(desk.session, desk.a, clock.now(), left.id, left.version, "delegate", "丙", "请看看")
    desk.session.commit()
    assert desk.people(desk.task("left")) == {"丙": "delegate"}
    with pytest.raises(Invalid):
        desk.complete(desk.task("left"), desk.c, PASS)
    desk.session.rollback()
    desk.complete(desk.task("left"), desk.c, AGREE)
    assert desk.elements == ["left", "right"], "an opinion decides nothing"
    assert desk.of("left", desk.a).claimed_by == desk.a.user_id
    desk.pass_("left", desk.a)
    assert desk.acts[-3:] == ["delegate", "opinion", "pass"]


def test_a_decision_takes_effect_when_those_who_sign_after_it_agree(desk: Desk) -> None:
    at_the_fork(desk)
    left = desk.task("left")
    cosigning.add(desk.session, desk.a, clock.now(), left.id, left.version, "after", desk.c.user_id)
    cosigning.add(desk.session, desk.a, clock.now(), left.id, desk.task("left").version, "after", desk.leader.user_id)
    desk.session.commit()
    desk.pass_("left", desk.a)
    assert desk.people(desk.task("left")) == {"丙": "signer"}
    desk.complete(desk.task("left"), desk.c, AGREE)
    assert desk.people(desk.task("left")) == {"市长": "signer"}
    desk.complete(desk.task("left"), desk.leader, AGREE)
    assert desk.elements == ["right"]
    decided = desk.session.scalars(select(Submission).where(Submission.element == "left")).one()
    assert (decided.actor_id, decided.outcome) == (desk.a.user_id, "pass")
    assert desk.acts[-5:] == ["add_signer", "hold", "opinion", "opinion", "pass"]


def test_who_disagrees_sends_the_decision_back(desk: Desk) -> None:
    at_the_fork(desk)
    left = desk.task("left")
    cosigning.add(desk.session, desk.a, clock.now(), left.id, left.version, "after", desk.c.user_id)
    desk.pass_("left", desk.a)
    desk.complete(desk.task("left"), desk.c, DISAGREE)
    assert desk.of("left", desk.a).waiting_signers == 0
    desk.pass_("left", desk.a)
    assert desk.elements == ["right"]


def test_signers_are_added_replaced_and_left_out(desk: Desk) -> None:
    at_the_signing(desk)
    mine = desk.of("sign", desk.a)
    cosigning.add(desk.session, desk.a, clock.now(), mine.id, mine.version, "after", desk.c.user_id)
    desk.session.commit()
    assert desk.elements == ["sign", "sign", "sign"]
    with pytest.raises(Forbidden):
        cosigning.remove(desk.session, desk.b, clock.now(), desk.of("sign", desk.b).id, desk.c.user_id)
    desk.session.rollback()
    cosigning.remove(desk.session, desk.a, clock.now(), desk.of("sign", desk.a).id, desk.c.user_id)
    desk.session.commit()
    other = desk.of("sign", desk.b)
    refused(
        handing.transfer,
        desk.session,
        desk.b,
        clock.now(),
        other.id,
        other.version,
        desk.a.user_id,
        code="signs_already",
    )
    handing.transfer(desk.session, desk.b, clock.now(), other.id, other.version, desk.c.user_id)
    desk.session.commit()
    desk.complete(desk.of("sign", desk.c), desk.c)
    desk.complete(desk.of("sign", desk.a), desk.a)
    assert desk.elements == ["decide"]
    votes = desk.session.get_one(type(desk.instance), desk.instance.id, populate_existing=True).data["votes"]
    assert sorted(vote["signer"] for vote in votes) == sorted([desk.a.user_id, desk.c.user_id])


@pytest.mark.parametrize("drawn", [case(), case(sequential=True)])
def test_a_leader_who_is_asked_to_sign_as_well_can(desk: Desk) -> None:
    at_the_signing(desk)
    mine = desk.of("sign", desk.a)
    cosigning.add(desk.session, desk.a, clock.now(), mine.id, mine.version, "after", desk.leader.user_id)
    desk.session.commit()
    desk.complete(desk.of("sign", desk.a), desk.a)
    desk.complete(desk.of("sign", desk.leader), desk.leader)
    desk.complete(desk.of("sign", desk.b), desk.b)
    assert desk.elements == ["decide"]


def test_a_return_says_who_acts_again_and_runs_again(desk: Desk) -> None:
    at_the_fork(desk)
    left = desk.task("left")
    found = returning.preview(desk.session, desk.a, clock.now(), left.id, "declarant")
    assert (found.place.element, found.place.comes_back) == ("fill", True)
    assert [step.element for step in found.again] == ["fill", "review", "left"]
    assert [step.element for step in found.cancelled] == ["right"]
    returning.return_task(desk.session, desk.a, clock.now(), left.id, left.version, "declarant", "材料不全")
    desk.session.commit()
    assert desk.elements == ["fill"]
    at_the_fork(desk)
    assert desk.elements == ["left", "right"]
    assert "return_to_unit" in desk.acts


def statuses(desk: Desk) -> list[str]:
    query = select(TaskRequest.status).where(TaskRequest.instance_id == desk.instance.id)
    return list(desk.session.scalars(query.order_by(TaskRequest.id)))


def test_nobody_is_asked_while_the_case_is_sent_back_and_everybody_again_afterwards(desk: Desk) -> None:
    at_the_fork(desk)
    left, right = desk.task("left"), desk.task("right")
    cosigning.add(desk.session, desk.a, clock.now(), left.id, left.version, "before", desk.c.user_id)
    desk.session.commit()
    returning.return_task(
        desk.session, desk.b, clock.now(), right.id, right.version, "fill", "请补一份证明", comes_back=True
    )
    desk.session.commit()
    assert statuses(desk) == ["ended"]
    desk.pass_("fill", desk.clerk)
    assert statuses(desk) == ["open"]
    desk.complete(desk.of("left", desk.c), desk.c, AGREE)
    assert statuses(desk) == ["answered"]
    desk.complete(desk.of("left", desk.a), desk.a)
    assert desk.elements == ["right"]


def test_nothing_is_asked_of_anybody_once_a_case_is_over(desk: Desk) -> None:
    at_the_signing(desk)
    mine = desk.of("sign", desk.a)
    cosigning.add(desk.session, desk.a, clock.now(), mine.id, mine.version, "after", desk.c.user_id)
    desk.session.commit()
    for person in (desk.a, desk.b, desk.c):
        desk.complete(desk.of("sign", person), person)
    desk.pass_("decide", desk.a)
    assert statuses(desk) == ["ended"]
    recalling.recall(desk.session, desk.a, clock.now(), desk.instance.id, "看错了")
    desk.session.commit()
    assert (desk.elements, statuses(desk)) == (["decide"], ["open"])


def test_a_return_that_comes_straight_back_loses_nothing_of_others(desk: Desk) -> None:
    at_the_signing(desk)
    desk.complete(desk.of("sign", desk.b), desk.b)
    mine = desk.of("sign", desk.a)
    returning.return_task(
        desk.session, desk.a, clock.now(), mine.id, mine.version, "fill", "请补一份证明", comes_back=True
    )
    desk.session.commit()
    assert desk.elements == ["fill"]
    desk.pass_("fill", desk.clerk)
    assert desk.of("sign", desk.a).id == mine.id
    desk.complete(desk.of("sign", desk.a), desk.a)
    assert desk.elements == ["decide"], "the vote of before still counts"


def test_returns_that_cannot_be_are_refused(desk: Desk) -> None:
    desk.pass_("fill", desk.clerk)
    task = desk.task("review")

    def back(to: str, why: str | None, **how: bool) -> None:
        returning.return_task(desk.session, desk.a, clock.now(), task.id, task.version, to, why, **how)

    refused(back, "decide", "x", code="not_passed")
    refused(back, "nowhere", "x", code="not_passed")
    refused(back, "fill", "  ", code="required")
    first = desk.world.start(desk.clerk)
    (fresh,) = desk.world.open_tasks(first)
    refused(
        returning.return_task,
        desk.session,
        desk.clerk,
        clock.now(),
        fresh.id,
        0,
        "previous",
        "x",
        code="nothing_before",
    )


def test_ones_own_decision_comes_back_while_nobody_has_acted(desk: Desk) -> None:
    at_the_fork(desk)
    desk.pass_("left", desk.a)
    desk.pass_("right", desk.b)
    assert desk.elements == ["sign", "sign"]
    with pytest.raises(Forbidden):
        recalling.recall(desk.session, desk.a, clock.now(), desk.instance.id, "看错了")
    desk.session.rollback()
    recalling.recall(desk.session, desk.b, clock.now(), desk.instance.id, "看错了")
    desk.session.commit()
    assert desk.elements == ["right"]
    assert desk.of("right", desk.b).claimed_by == desk.b.user_id
    (kept,) = desk.session.scalars(select(RecalledDecision))
    assert (kept.element, kept.outcome) == ("right", "pass")
    with pytest.raises(Conflict):
        recalling.recall(desk.session, desk.b, clock.now(), desk.instance.id, "再来")
    desk.session.rollback()
    desk.pass_("right", desk.b)
    assert desk.elements == ["sign", "sign"]
    assert desk.acts[-3:] == ["pass", "recall", "pass"]


def test_what_was_taken_back_can_be_decided_again(desk: Desk) -> None:
    desk.pass_("fill", desk.clerk)
    first = desk.task("review")
    recalling.recall(desk.session, desk.clerk, clock.now(), desk.instance.id, "漏了一项")
    desk.session.commit()
    desk.pass_("fill", desk.clerk)
    assert desk.task("review").id == first.id
    desk.pass_("review", desk.a)
    assert desk.acts == ["start", "pass", "recall", "pass", "pass"]


def test_what_was_taken_back_can_be_decided_again_with_a_signature_after_it(desk: Desk) -> None:
    desk.pass_("fill", desk.clerk)
    desk.pass_("review", desk.a)
    recalling.recall(desk.session, desk.a, clock.now(), desk.instance.id, "漏了一项")
    desk.session.commit()
    review = desk.task("review")
    cosigning.add(desk.session, desk.a, clock.now(), review.id, review.version, "after", desk.leader.user_id)
    desk.session.commit()
    desk.pass_("review", desk.a)
    desk.complete(desk.task("review"), desk.leader, AGREE)
    assert desk.elements == ["left", "right"]


def test_after_others_have_acted_nothing_can_be_taken_back(desk: Desk) -> None:
    desk.pass_("fill", desk.clerk)
    task = desk.task("review")
    handing.transfer(desk.session, desk.a, clock.now(), task.id, task.version, desk.c.user_id)
    desk.session.commit()
    with pytest.raises(Conflict):
        recalling.recall(desk.session, desk.clerk, clock.now(), desk.instance.id, "漏了一项")


def test_haste_is_asked_for_once_a_working_day(desk: Desk) -> None:
    desk.pass_("fill", desk.clerk)
    task, now = desk.task("review"), clock.now()
    with pytest.raises(Conflict):
        telling.nudge(desk.session, desk.a, now, task.id)
    telling.nudge(desk.session, desk.clerk, now, task.id, "请尽快")
    for who in (desk.clerk, desk.leader):
        with pytest.raises(Throttled):
            telling.nudge(desk.session, who, now, task.id)
    telling.nudge(desk.session, desk.leader, now + timedelta(days=7), task.id)
    assert desk.acts[-2:] == ["nudge", "nudge"]


def test_copies_and_mentions_reach_only_those_who_may_see_the_case(desk: Desk) -> None:
    desk.pass_("fill", desk.clerk)
    task, now = desk.task("review"), clock.now()
    stranger = desk.world.person("外人", desk.world._organisation("别的单位", "unit", "430600"), "unit_clerk")
    desk.session.commit()
    refused(copying.copy, desk.session, desk.a, now, task.id, [desk.c.user_id, stranger.user_id], code="not_visible")
    desk.session.rollback()
    copying.copy(desk.session, desk.a, now, task.id, [desk.c.user_id, "市长"], "请知悉")
    assert desk.world.count(CarbonCopy) == 2
    refused(telling.comment, desk.session, desk.a, now, task.id, "@外人 看看", code="not_visible")
    refused(telling.comment, desk.session, desk.a, now, task.id, "@没有这个人 看看", code="unknown_person")
    refused(telling.comment, desk.session, desk.a, now, task.id, " ", code="required")
    row = telling.comment(desk.session, desk.a, now, task.id, "@丙 请核对，邮箱是 x@y.cn")
    assert row.mentioned == [desk.c.user_id]
    assert desk.elements == ["review"], "nothing was decided"
    assert [r[0].text for r in telling.comments_of(desk.session, desk.clerk, desk.instance.id)] == []
    with pytest.raises(NotFound):
        telling.comment(desk.session, stranger, now, task.id, "看不到")
    assert desk.world.count(Comment) == 1


@pytest.mark.parametrize("drawn", [case(cc='<wm:cc roles="city_leader" region="\'430600\'"/>')])
def test_the_diagram_says_who_gets_a_copy(desk: Desk) -> None:
    at_the_fork(desk)
    assert [copy.user_id for copy in desk.session.scalars(select(CarbonCopy))] == [desk.leader.user_id]
    assert "cc" in desk.acts


def test_a_task_is_put_off_until_a_day(desk: Desk) -> None:
    desk.pass_("fill", desk.clerk)
    task, now = desk.task("review"), clock.now()
    today = now.astimezone(clock.SHANGHAI).date()
    refused(telling.snooze, desk.session, desk.a, now, task.id, today, code="range")
    telling.snooze(desk.session, desk.a, now, task.id, today + timedelta(days=2))
    assert desk.world.count(Snooze) == 1
    telling.snooze(desk.session, desk.a, now, task.id, None)
    assert desk.world.count(Snooze) == 0


def in_a_lane() -> bytes:
    """The same case, whose review is done by whom its lane names."""
    who = f"<wm:assignment {AT_COUNTY}/>".encode()
    review = b'<bpmn:userTask id="review"'
    before, found, after = case().partition(review)
    lane = b'<bpmn:laneSet id="lanes"><bpmn:lane id="county"><bpmn:extensionElements>%s</bpmn:extensionElements>' % who
    lane += b"<bpmn:flowNodeRef>review</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
    opened, tag, rest = before.partition(b"<bpmn:startEvent")
    return opened + lane + tag + rest + found + after.replace(who, b"", 1)


@pytest.mark.parametrize("drawn", [in_a_lane()])
def test_a_step_is_done_by_whom_its_lane_names(desk: Desk) -> None:
    desk.pass_("fill", desk.clerk)
    assert desk.session.scalars(select(Incident)).all() == []
    desk.pass_("review", desk.a)
    assert "left" in desk.elements


@pytest.mark.parametrize("drawn", [case()])
def test_a_step_without_any_candidate_is_an_incident(desk: Desk) -> None:
    desk.session.execute(
        update(User).where(User.organisation_id.in_([desk.world.county, desk.world.city])).values(roles=[])
    )
    desk.pass_("fill", desk.clerk)
    (incident,) = desk.session.scalars(select(Incident))
    assert incident.kind == "nobody"


@pytest.mark.parametrize("drawn", [case(sequential=True)])
def test_in_turn_one_more_signs_before_me(desk: Desk) -> None:
    at_the_signing(desk)
    mine = desk.of("sign", desk.a)
    cosigning.add(desk.session, desk.a, clock.now(), mine.id, mine.version, "before", desk.c.user_id)
    desk.session.commit()
    for who in (desk.c, desk.a, desk.b):
        assert desk.people(desk.task("sign")) == {who.name: "person"}
        desk.complete(desk.task("sign"), who)
    assert desk.elements == ["decide"]
