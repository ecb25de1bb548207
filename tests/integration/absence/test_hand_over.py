"""Everything of somebody who leaves: who gets what, what is listed before and after, and that nothing is lost."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import delete, select, update

from tests.factories.insiders import Insider
from tests.integration.absence.conftest import Name
from tests.integration.acts.conftest import FRESH, PASS, Desk
from webapp import cli, clock
from webapp.absence import handing_over, inventory
from webapp.absence.handing_over import Plan, run_hand_over, start_hand_over
from webapp.absence.models import Deputy, HandOver, HandOverItem
from webapp.access import Actor
from webapp.accounts.models import User
from webapp.acts.asking import ask
from webapp.acts.handing import transfer
from webapp.audit.models import AuditEntry
from webapp.inbox.models import SavedFilter
from webapp.instances.interventions import resume, suspend
from webapp.instances.models import HistoryEntry, Incident, Submission
from webapp.mail.models import MailMessage
from webapp.problems import Conflict, Forbidden, Invalid, NotFound
from webapp.tasks.models import Draft, Task, TaskCandidate
from webapp.tasks.operations import claim, save_draft

MANY = 60


@pytest.fixture
def administrator(desk: Desk) -> Actor:
    person = desk.world.person("管理员", desk.world.city, "administrator")
    desk.session.commit()
    return person


def hand_over(desk: Desk, by: Actor, leaver: Actor, to: Actor, **more: Any) -> dict[str, HandOverItem]:
    """Hand everything over; returns what became of each thing, by title."""
    row = start_hand_over(desk.session, by, clock.now(), leaver.user_id, Plan(to.user_id, **more))
    desk.session.commit()
    run_hand_over(row.id)
    desk.session.expire_all()
    assert desk.session.get_one(HandOver, row.id).status == "done"
    items = desk.session.scalars(select(HandOverItem).where(HandOverItem.hand_over_id == row.id))
    return {f"{item.kind}:{item.before}:{item.title}": item for item in items}


def of_kind(items: dict[str, HandOverItem], start: str) -> list[tuple[str, int | None]]:
    return [(item.status, item.to_id) for name, item in sorted(items.items()) if name.startswith(start)]


def signing(desk: Desk) -> None:
    desk.pass_("fill", desk.clerk)
    for element in ("review", "left", "right"):
        desk.pass_(element, desk.c)


def nobody_waits_in_vain(desk: Desk) -> None:
    """Every open task has somebody who may do it."""
    served = select(TaskCandidate.task_id).join(User, User.id == TaskCandidate.user_id)
    served = served.where(TaskCandidate.is_open, User.disabled_at.is_(None))
    assert desk.session.scalars(select(Task.id).where(Task.status == "open", Task.id.not_in(served))).all() == []
    assert desk.world.count(Incident) == 0


def test_what_is_in_hand_goes_to_the_successor_with_its_draft_and_the_account_closes(
    desk: Desk, administrator: Actor
) -> None:
    desk.pass_("fill", desk.clerk)
    desk.pass_("review", desk.c)
    left, right = desk.task("left"), desk.task("right")
    claim(desk.session, desk.a, clock.now(), left.id)
    save_draft(desk.session, desk.a, clock.now(), left.id, {"opinion": "写了一半"})
    desk.session.commit()
    items = hand_over(desk, administrator, desk.a, desk.b, reason="调离")
    assert of_kind(items, "task:held") == [("handed", desk.b.user_id)]
    assert of_kind(items, "task:offered") == [("left", None)], "colleagues may do it as before"
    assert desk.task("left").claimed_by == desk.b.user_id
    draft = desk.session.scalars(select(Draft)).one()
    assert (draft.user_id, draft.answers) == (desk.b.user_id, {"opinion": "写了一半", "outcome": None})
    assert desk.people(right) == {"乙": "role", "丙": "role"}
    assert desk.session.get_one(User, desk.a.user_id, populate_existing=True).disabled_at is not None
    line = desk.session.scalars(select(HistoryEntry).where(HistoryEntry.act == "succession")).one()
    assert (line.actor_id, line.comment) == (administrator.user_id, "甲离任，任务交接给县文明办乙。调离")
    acts = list(desk.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))
    assert [act for act in acts if "hand_over" in act or "succession" in act or act == "user.disable"] == [
        "hand_over",
        "task.succession",
        "user.disable",
        "hand_over.finish",
    ]
    told = desk.session.scalars(select(MailMessage).where(MailMessage.kind == "succession")).one()
    assert (told.user_id, told.facts["number"]) == (desk.b.user_id, 1)
    nobody_waits_in_vain(desk)


def test_who_stays_is_told_with_whom_their_tasks_are_now(desk: Desk, administrator: Actor) -> None:
    signing(desk)
    hand_over(desk, administrator, desk.a, desk.c, reason="换岗", disables=False)
    told = {
        row.user_id: row for row in desk.session.scalars(select(MailMessage).where(MailMessage.kind == "succession"))
    }
    assert told.keys() == {desk.a.user_id, desk.c.user_id}
    assert (told[desk.a.user_id].facts["to"], told[desk.a.user_id].facts["number"]) == ("丙", 1)


def test_signatures_go_to_who_does_not_sign_already_else_to_the_leader(desk: Desk, administrator: Actor) -> None:
    boss = desk.world.person("主任", desk.world.county, "city_leader")
    signing(desk)
    items = hand_over(desk, administrator, desk.a, desk.b)
    assert of_kind(items, "task:personal") == [("leader", boss.user_id)]
    (item,) = (item for name, item in items.items() if name.startswith("task:personal"))
    assert "不能签两次" in (item.words or "")
    desk.complete(desk.of("sign", boss), boss)
    desk.complete(desk.of("sign", desk.b), desk.b)
    assert desk.elements == ["decide"]
    nobody_waits_in_vain(desk)


def test_who_lacks_the_role_gets_it_when_asked_and_the_leader_the_tasks_otherwise(
    desk: Desk, helper: Actor, administrator: Actor
) -> None:
    boss = desk.world.person("主任", desk.world.county, "city_leader")
    desk.pass_("fill", desk.clerk)
    review = desk.task("review")
    transfer(desk.session, desk.b, clock.now(), review.id, review.version, desk.a.user_id)
    desk.session.commit()
    items = hand_over(desk, administrator, desk.a, helper, disables=False)
    assert of_kind(items, "task:personal") == [("leader", boss.user_id)]
    assert of_kind(items, "role") == [("left", None)]
    desk.session.execute(update(Task).where(Task.id == review.id).values(handed_to=desk.a.user_id))
    desk.session.commit()
    items = hand_over(desk, administrator, desk.a, helper, gives_roles=True)
    assert of_kind(items, "task:personal") == [("handed", helper.user_id)]
    assert of_kind(items, "role") == [("handed", helper.user_id)]
    assert "county_reviewer" in desk.session.get_one(User, helper.user_id, populate_existing=True).roles


def test_deputies_questions_filters_and_superiors_go_along(
    desk: Desk, helper: Actor, stands_in: Name, administrator: Actor
) -> None:
    stands_in(helper, desk.a)
    stands_in(desk.a, desk.c)
    desk.session.execute(update(User).where(User.id == helper.user_id).values(leader_id=desk.a.user_id))
    for name, office in (("本周到期", desk.world.county), ("我的", None)):
        row = SavedFilter(name=name, owner_id=desk.a.user_id, organisation_id=office, state={}, created_at=clock.now())
        desk.session.add(row)
    desk.pass_("fill", desk.clerk)
    review = desk.task("review")
    ask(desk.session, desk.a, clock.now(), review.id, review.version, "delegate", desk.c.user_id)
    desk.session.commit()
    items = hand_over(desk, administrator, desk.a, desk.b)
    assert of_kind(items, "deputy:principal") == [("ended", None)]
    assert of_kind(items, "deputy:stands_for") == [("handed", desk.b.user_id)]
    assert of_kind(items, "superior") == [("handed", desk.b.user_id)]
    assert of_kind(items, "filter") == [("handed", desk.b.user_id)], "what was private is not shown to others"
    assert of_kind(items, "request") == [("handed", desk.b.user_id)]
    deputies = desk.session.scalars(select(Deputy).where(Deputy.ended_at.is_(None)))
    assert [(d.principal_id, d.deputy_id) for d in deputies] == [(desk.c.user_id, desk.b.user_id)]
    desk.complete(desk.task("review"), desk.c, {"outcome": "agree", "opinion": "可以"})
    assert desk.task("review").claimed_by == desk.b.user_id, "the opinion comes back to the successor"
    nobody_waits_in_vain(desk)


def test_what_comes_for_somebody_who_has_left_goes_to_the_successor_by_itself(desk: Desk, administrator: Actor) -> None:
    """The list of signers names 甲, who left before it came to them."""
    hand_over(desk, administrator, desk.a, desk.c)
    desk.pass_("fill", desk.clerk)
    for element in ("review", "left", "right"):
        desk.pass_(element, desk.b)
    assert desk.of("sign", desk.c).assigned_user_id == desk.a.user_id
    line = desk.session.scalars(select(HistoryEntry).where(HistoryEntry.act == "succession")).one()
    assert (line.machine, line.comment) == (True, "甲已离任，按交接安排由丙办理。")
    nobody_waits_in_vain(desk)


def test_suspended_cases_are_handed_over_too(desk: Desk, administrator: Actor) -> None:
    signing(desk)
    suspend(desk.session, desk.leader, clock.now(), desk.instance.id, "等待材料")
    desk.session.commit()
    items = hand_over(desk, administrator, desk.a, desk.c)
    assert of_kind(items, "task:personal") == [("handed", desk.c.user_id)]
    resume(desk.session, desk.leader, clock.now(), desk.instance.id, "已补齐")
    desk.session.commit()
    desk.complete(desk.of("sign", desk.c), desk.c)
    nobody_waits_in_vain(desk)


def test_processes_may_have_successors_of_their_own(desk: Desk, administrator: Actor) -> None:
    signing(desk)
    items = hand_over(desk, administrator, desk.a, desk.b, successors={"p": desk.c.user_id})
    assert of_kind(items, "task:personal") == [("handed", desk.c.user_id)]


def test_a_worker_that_died_goes_on_and_what_others_did_meanwhile_stays(
    desk: Desk, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing(desk)
    row = start_hand_over(desk.session, administrator, clock.now(), desk.a.user_id, Plan(desk.c.user_id))
    desk.session.commit()

    def die(*_given: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(handing_over, "_hand_one", die)
        with pytest.raises(SystemExit):
            run_hand_over(row.id)
    desk.complete(desk.of("sign", desk.a), desk.a)
    with pytest.raises(Conflict, match="正在进行"):
        start_hand_over(desk.session, administrator, clock.now(), desk.a.user_id, Plan(desk.c.user_id))
    desk.session.rollback()
    run_hand_over(row.id)
    run_hand_over(row.id)
    desk.session.expire_all()
    items = desk.session.scalars(select(HandOverItem).where(HandOverItem.kind == "task")).all()
    assert [item.status for item in items] == ["left"]
    done = desk.session.scalars(select(Submission).where(Submission.element == "sign")).one()
    assert (done.actor_id, done.outcome) == (desk.a.user_id, PASS["outcome"])


def test_only_who_looks_after_somebody_or_leads_them_hands_over(
    desk: Desk, helper: Actor, administrator: Actor
) -> None:
    boss = desk.world.person("主任", desk.world.county, "city_leader")
    desk.session.commit()

    def start(by: Actor, leaver: Actor, plan: Plan) -> None:
        start_hand_over(desk.session, by, clock.now(), leaver.user_id, plan)

    for by, leaver, plan, error in (
        (desk.b, desk.a, Plan(desk.c.user_id), NotFound),
        (desk.a, desk.a, Plan(desk.c.user_id), Forbidden),
        (administrator, desk.a, Plan(desk.a.user_id), Invalid),
        (administrator, desk.a, Plan(desk.clerk.user_id), Invalid),
        (administrator, desk.a, Plan(999_999), Invalid),
        (administrator, desk.clerk, Plan(desk.a.user_id), Invalid),
    ):
        with pytest.raises(error):
            start(by, leaver, plan)
        desk.session.rollback()
    start(boss, helper, Plan(desk.b.user_id, disables=False))


def test_many_tasks(desk: Desk, administrator: Actor) -> None:
    """Rows of many tasks of one case, without the engine: the list, and each given and told once."""
    desk.pass_("fill", desk.clerk)
    desk.pass_("review", desk.c)
    model = desk.task("left")
    copies = select(*[c for c in Task.__table__.c]).where(Task.id == model.id)
    row = dict(desk.session.execute(copies).one()._mapping)
    rows = [row | {"id": uuid4(), "claimed_by": desk.a.user_id} for _ in range(MANY)]
    desk.session.execute(Task.__table__.insert(), rows)
    seats = [
        {"task_id": one["id"], "user_id": person.user_id, "reason": "role", "is_open": True}
        for one in rows
        for person in (desk.a, desk.b)
    ]
    desk.session.execute(TaskCandidate.__table__.insert(), seats)
    desk.session.commit()
    assert inventory.count_tasks(desk.session, desk.a.user_id) == {"held": MANY, "offered": 2}
    items = hand_over(desk, administrator, desk.a, desk.b)
    assert desk.world.count(HandOverItem) == MANY + 3
    assert len(items) < MANY + 3, "titles repeat"
    held = select(Task.id).where(Task.claimed_by == desk.b.user_id)
    assert len(desk.session.scalars(held, execution_options=FRESH).all()) == MANY
    desk.session.execute(delete(MailMessage).where(MailMessage.kind != "succession"))
    assert desk.world.count(MailMessage) == 1


def test_the_command_line_and_the_api_do_the_same(
    app: Flask, desk: Desk, administrator: Actor, tmp_path: Path, database_url: str
) -> None:
    desk.pass_("fill", desk.clerk)
    desk.pass_("review", desk.c)
    claim(desk.session, desk.a, clock.now(), desk.task("left").id)
    desk.session.commit()
    cli._gather()
    given = {"WENMING_DATA": str(tmp_path), "DATABASE_URL": database_url, "WENMING_DEMO": "1"}

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli.main_group, ["hand-over", *words, "--as", "管理员"], env=given)

    before = json.loads(run("list", "甲", "--json").stdout)
    assert [(one["kind"], one["before"]) for one in before["items"]] == [("task", "held"), ("task", "offered")]
    assert "已领取" in run("list", "甲").stdout
    for words, said in (
        (("start", "甲", "--to", "无此人"), "没有找到"),
        (("start", "甲", "--to", "乙", "--process", "没有=乙"), "没有流程“没有”"),
        (("start", "甲", "--to", "乙", "--process", "乙"), "须写成"),
        (("start", "甲", "--to", "clerk"), "接手的人须为本单位"),
    ):
        refused = run(*words)
        assert refused.exit_code != 0
        assert said in refused.stderr
    done = json.loads(run("start", "甲", "--to", "乙", "--reason", "调离", "--keep-account", "--json").stdout)
    assert (done["status"], done["counts"]["handed"]) == ("done", 1)
    assert desk.task("left").claimed_by == desk.b.user_id
    assert "已交接" in run("show", str(done["id"])).stdout

    client, stranger = Insider(app, "管理员"), Insider(app, "乙")
    assert client.get(f"/hand-overs/{done['id']}?status=handed")["total"] == 1
    assert client.get("/hand-overs/preview?from=乙")["total"] == 2
    stranger.get("/hand-overs/preview?from=丙", 404)
    client.get("/hand-overs/99999999999", 404)
    client.get(f"/hand-overs/{done['id']}?status=x", 422)
    client.post("/hand-overs", {"from": "乙", "to": "甲", "successors": {"没有": "甲"}}, 422)
    begun = client.post("/hand-overs", {"from": "乙", "to": "甲", "reason": "换岗"}, 201)
    assert (begun["status"], begun["counts"]["waiting"]) == ("running", 2)
    client.post("/hand-overs", {"from": "乙", "to": "甲"}, 409)
    run_hand_over(begun["id"])
    assert client.get(f"/hand-overs/{begun['id']}")["status"] == "done"
    assert desk.task("left").claimed_by == desk.a.user_id
