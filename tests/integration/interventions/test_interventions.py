"""What an administrator does to one case: done with a reason and written down, or refused with nothing changed."""

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.factories.api_client import Case, Office
from tests.factories.page_client import PageClient
from tests.integration.acts.conftest import PASS, Desk
from webapp import clock
from webapp.access import Actor
from webapp.audit.models import AuditEntry
from webapp.database import transaction
from webapp.instances.models import HistoryEntry, Instance, Submission
from webapp.interventions import correcting, operations
from webapp.interventions.intervening import Wish
from webapp.interventions.queries import Options, options_of
from webapp.problems import Conflict, Invalid, Problem
from webapp.quotas.models import QuotaClaim
from webapp.tasks.operations import complete_task


@pytest.fixture
def admin(desk: Desk) -> Actor:
    return desk.world.person("admin", desk.world.city, "administrator")


def seen(desk: Desk, reason: str = "办错了") -> Wish:
    """The case as it stands, and a reason."""
    instance = desk.session.get_one(Instance, desk.instance.id, populate_existing=True)
    return Wish(instance.id, instance.version, reason)


def options(desk: Desk, admin: Actor) -> Options:
    return options_of(desk.session, admin, clock.now(), desk.instance.id)[1]


def place(found: Options, standing: str, target: str) -> tuple[str, str]:
    """The token and the activity of one choice of the page."""
    choices = dict((value.partition("|")[2], value) for value, _name in found.moves[standing])
    token, _mark, element = choices[target].partition("|")
    return token, element


def last_line(desk: Desk) -> HistoryEntry:
    query = select(HistoryEntry).where(HistoryEntry.instance_id == desk.instance.id, ~HistoryEntry.machine)
    return desk.session.scalars(query.order_by(HistoryEntry.id.desc()).limit(1)).one()


def in_the_block(desk: Desk) -> None:
    desk.pass_("fill", desk.clerk)
    desk.pass_("review", desk.a)


def test_a_token_is_moved_with_a_reason_that_everybody_reads(desk: Desk, admin: Actor) -> None:
    desk.pass_("fill", desk.clerk)
    found = options(desk, admin)
    assert found.standing == ["review（县文明办）"]
    operations.move(desk.session, admin, clock.now(), seen(desk), *place(found, "review（县文明办）", "sign"))
    desk.session.commit()
    assert desk.elements == ["sign", "sign"]
    line = last_line(desk)
    assert (line.act, line.actor_id, line.comment) == ("move", admin.user_id, "移动到“sign”。理由：办错了")
    entry = desk.session.scalars(select(AuditEntry).where(AuditEntry.act == "instance.move")).one()
    assert entry.after["reason"] == "办错了"
    assert entry.after["to_element"] == "sign"


def test_in_a_block_one_branch_stays_and_all_may_leave(desk: Desk, admin: Actor) -> None:
    in_the_block(desk)
    found = options(desk, admin)
    assert {key: [value.partition("|")[2] for value, _ in targets] for key, targets in found.moves.items()} == {
        "left（县文明办）": ["left"],
        "right（县文明办）": ["right"],
        "整个流程的全部办理位置": ["fill", "review", "sign", "decide"],
    }
    token, _element = place(found, "left（县文明办）", "left")
    with pytest.raises(Invalid, match="同一个并行分支"):
        operations.move(desk.session, admin, clock.now(), seen(desk), token, "decide")
    desk.session.rollback()
    operations.move(desk.session, admin, clock.now(), seen(desk), "", "decide")
    desk.session.commit()
    assert desk.elements == ["decide"]


def test_a_signing_is_one_and_its_signers_are_not_moved_alone(desk: Desk, admin: Actor) -> None:
    in_the_block(desk)
    for key in ("left", "right"):
        desk.pass_(key, desk.a)
    task = desk.of("sign", desk.a)
    with pytest.raises(Invalid, match="减签"):
        operations.pass_on(desk.session, admin, clock.now(), seen(desk), str(task.id))
    desk.session.rollback()
    (token,) = [value for value, name in options(desk, admin).skips if name.startswith("sign")]
    operations.pass_on(desk.session, admin, clock.now(), seen(desk), token)
    desk.session.commit()
    assert desk.elements == ["decide"]
    assert last_line(desk).comment == "跳过“sign”。理由：办错了"


def test_a_step_is_skipped_by_the_result_that_is_taken_for_given(desk: Desk, admin: Actor) -> None:
    desk.pass_("fill", desk.clerk)
    found = options(desk, admin)
    assert [value for value, _label in found.outcomes] == ["pass", "refuse"]
    with pytest.raises(Invalid, match="没有这样的结果"):
        operations.pass_on(desk.session, admin, clock.now(), seen(desk), found.skips[0][0], "maybe")
    desk.session.rollback()
    operations.pass_on(desk.session, admin, clock.now(), seen(desk), found.skips[0][0], "pass")
    desk.session.commit()
    assert desk.elements == ["left", "right"]
    assert last_line(desk).comment == "跳过“review”，按“通过”处理。理由：办错了"


def test_a_step_that_was_done_is_done_again(desk: Desk, admin: Actor) -> None:
    in_the_block(desk)
    for key in ("left", "right"):
        desk.pass_(key, desk.a)
    assert {value.partition("|")[2] for value, _name in options(desk, admin).repeats} == {"fill", "review"}
    with pytest.raises(Invalid, match="还没有办过"):
        operations.repeat(desk.session, admin, clock.now(), seen(desk), "", "decide")
    desk.session.rollback()
    operations.repeat(desk.session, admin, clock.now(), seen(desk), "", "review")
    desk.session.commit()
    assert desk.elements == ["review"]
    assert desk.task("review").round == 2


def test_answers_are_set_right_and_the_former_ones_stay(desk: Desk, admin: Actor) -> None:
    desk.pass_("fill", desk.clerk)
    ((task_id, name, _at),) = options(desk, admin).corrections
    assert name == "fill"
    with pytest.raises(Invalid):
        correcting.correct(desk.session, admin, clock.now(), seen(desk), task_id, {"outcome": "maybe"})
    desk.session.rollback()
    correcting.correct(desk.session, admin, clock.now(), seen(desk), task_id, PASS | {"opinion": "改正了"})
    desk.session.commit()
    query = select(Submission).where(Submission.element == "fill").order_by(Submission.id)
    former, newer = desk.session.scalars(query)
    assert (former.actor_id, former.answers["opinion"]) == (desk.clerk.user_id, "同意")
    assert (newer.actor_id, newer.answers["opinion"]) == (admin.user_id, "改正了")
    ((again, _name, _at),) = options(desk, admin).corrections
    correcting.correct(desk.session, admin, clock.now(), seen(desk), again, PASS | {"opinion": "再改"})
    assert desk.elements == ["review"]


def test_a_cancelled_case_has_nothing_open(desk: Desk, admin: Actor) -> None:
    in_the_block(desk)
    operations.cancel(desk.session, admin, clock.now(), seen(desk, "重复申报"))
    desk.session.commit()
    instance = desk.session.get_one(Instance, desk.instance.id, populate_existing=True)
    assert (instance.status, instance.outcome_name, desk.elements) == ("cancelled", "管理员取消", [])
    with pytest.raises(Conflict, match="已取消"):
        operations.cancel(desk.session, admin, clock.now(), seen(desk))


Act = Callable[[Desk, Actor, Wish], Any]
_ACTS: list[Act] = [
    lambda d, a, w: operations.move(d.session, a, clock.now(), w, "", "decide"),
    lambda d, a, w: operations.repeat(d.session, a, clock.now(), w, "", "fill"),
    lambda d, a, w: operations.pass_on(d.session, a, clock.now(), w, str(d.task("review").id)),
    lambda d, a, w: operations.cancel(d.session, a, clock.now(), w),
    lambda d, a, w: operations.retry(d.session, a, clock.now(), w),
]


@pytest.mark.parametrize("act", _ACTS)
def test_each_needs_a_reason_and_the_case_as_it_was_seen(desk: Desk, admin: Actor, act: Act) -> None:
    desk.pass_("fill", desk.clerk)
    wish = seen(desk)
    with pytest.raises(Invalid, match="理由"):
        act(desk, admin, replace(wish, reason="  "))
    desk.session.rollback()
    with pytest.raises(Conflict, match="已有新的办理"):
        act(desk, admin, replace(wish, version=wish.version - 1))
    desk.session.rollback()
    assert desk.elements == ["review"]


def test_nothing_is_moved_to_where_nobody_is(desk: Desk, admin: Actor) -> None:
    desk.pass_("fill", desk.clerk)
    desk.session.execute(text("UPDATE users SET disabled_at = now() WHERE username IN ('甲', '乙', '丙', '市长')"))
    desk.session.commit()
    with pytest.raises(Conflict, match="没有可办理人员"):
        operations.move(desk.session, admin, clock.now(), seen(desk), "", "decide")
    desk.session.rollback()
    assert desk.elements == ["review"]


def test_who_acts_at_the_same_moment_loses_with_words(desk: Desk, admin: Actor) -> None:
    desk.pass_("fill", desk.clerk)
    task, wish = desk.task("review"), seen(desk)
    operations.move(desk.session, admin, clock.now(), wish, "", "decide")
    desk.session.commit()
    with pytest.raises(Conflict, match="不需要办理"):
        complete_task(desk.session, desk.a, clock.now(), task.id, PASS, task.version)
    desk.session.rollback()
    desk.pass_("decide", desk.a)
    with pytest.raises(Conflict, match="已办结"):
        operations.repeat(desk.session, admin, clock.now(), wish, "", "review")


@pytest.mark.parametrize("act", ["move", "cancel"])
def test_an_act_and_a_decision_at_the_same_moment_one_wins_and_the_other_is_told(
    desk: Desk, admin: Actor, app: Flask, act: str
) -> None:
    desk.pass_("fill", desk.clerk)
    task, wish, found = desk.task("review"), seen(desk), options(desk, admin)
    token, _element = place(found, "review（县文明办）", "sign")
    desk.session.commit()
    acts = {
        "move": lambda session: operations.move(session, admin, clock.now(), wish, token, "sign"),
        "cancel": lambda session: operations.cancel(session, admin, clock.now(), wish),
    }
    answers = at_once(app, acts[act], lambda s: complete_task(s, desk.a, clock.now(), task.id, PASS, task.version))
    lost = [answer for answer in answers if answer is not None]
    assert len(lost) == 1
    assert isinstance(lost[0], Problem)
    assert lost[0].status == 409
    assert lost[0].detail
    query = select(HistoryEntry.act).where(HistoryEntry.instance_id == desk.instance.id)
    lines = list(desk.session.scalars(query))
    assert (lines.count("pass") == 2) != (act in lines)


def at_once(app: Flask, *acts: Callable[[Any], Any]) -> list[Exception | None]:
    """Do things in threads of their own, from one moment on; what each was told, none for who got through."""
    answers: list[Exception | None] = [None] * len(acts)
    moment = threading.Barrier(len(acts))

    def do(place: int, act: Callable[[Any], Any]) -> None:
        with app.app_context():
            moment.wait(10)
            try:
                with transaction() as session:
                    act(session)
            except Exception as error:
                answers[place] = error

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_the_page_is_the_administrators_alone_and_loses_nothing(demo_app: Flask) -> None:
    office = Office(demo_app)
    case = Case(office, office.person("yunxi.unit1.clerk")).submitted()
    address = f"/instances/{case.id}/interventions"
    for name in ("designer", "yunxi.unit1.clerk", office.candidates(case.id, "review_county")[0]):
        other = PageClient(demo_app, name)
        assert other.get(address).status_code == 403
        assert other.post(f"{address}/cancel", {"cancel-reason": "x", "cancel-version": "1"}).status_code == 403
        assert "干预" not in other.read(f"/instances/{case.id}" if name != "designer" else "/designer")
    admin = PageClient(demo_app, "admin")
    assert address in admin.read(f"/instances/{case.id}")
    assert "县级初审" in admin.read(address)
    with demo_app.app_context(), transaction() as session:
        version = session.get_one(Instance, case.id).version
        held = list(session.scalars(select(QuotaClaim.status).where(QuotaClaim.instance_id == case.id)))
    typed = {"move-place": "x|nowhere", "move-version": str(version), "move-reason": "写了很长的理由"}
    refused = admin.post(f"{address}/move", typed)
    assert refused.status_code == 422
    assert "写了很长的理由" in refused.text
    for broken in ("{", "[" * 5000):
        assert admin.post(f"{address}/move", typed | {"move-data_text": broken}).status_code == 422
    done = admin.post(f"{address}/cancel", {"cancel-version": str(version), "cancel-reason": "重复申报"})
    assert done.status_code == 302
    assert "管理员取消办件" in admin.read(f"/instances/{case.id}")
    with demo_app.app_context(), transaction() as session:
        after = list(session.scalars(select(QuotaClaim.status).where(QuotaClaim.instance_id == case.id)))
    assert after == ["released"] * len(held)


def test_answers_are_set_right_through_the_form_of_the_page(demo_app: Flask) -> None:
    office = Office(demo_app)
    case = Case(office, office.person("yunxi.unit1.clerk")).submitted().do("review_county", outcome="pass")
    admin = PageClient(demo_app, "admin")
    page = admin.read(f"/instances/{case.id}/interventions")
    address = re.findall(r'href="([^"]*/data/[0-9a-f-]+)"', page)[0]
    form = admin.read(address)
    assert "县级初审" in form
    version = re.search(r'name="intervention-version"[^>]*value="(\d+)"', form)
    assert version is not None
    answers = {"checked": ["jurisdiction", "identity", "materials"], "outcome": "pass", "opinion": "更正后的意见"}
    asked = answers | {"intervention-version": version[1], "intervention-reason": ""}
    refused = admin.post(address, asked)
    assert refused.status_code == 422
    assert "更正后的意见" in refused.text
    assert "请填写理由" in refused.text
    wrong = admin.post(address, asked | {"intervention-reason": "笔误", "outcome": "maybe"})
    assert wrong.status_code == 422
    done = admin.post(address, asked | {"intervention-reason": "笔误"})
    assert done.status_code == 302, done.text
    shown = admin.read(f"/instances/{case.id}")
    assert "更正后的意见" in shown
    assert "更正“县级初审”的数据。理由：笔误" in shown
