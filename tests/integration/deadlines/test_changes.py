"""What moves an open deadline: a changed calendar, a suspension; and what it leaves behind for people to read."""

from datetime import date, time

import pytest
from sqlalchemy import event, func, select

from tests.factories.small_world import CITY, COUNTY, assigned
from tests.integration.deadlines.conftest import DatedWorld, at
from tests.processes.drawing import boundary, chain, diagram, end, start, timer
from webapp.audit.models import AuditEntry
from webapp.background.registry import find_job
from webapp.database import db
from webapp.deadlines import operations
from webapp.deadlines.current import calendar_in_force, forget_calendar
from webapp.deadlines.jobs import recompute_deadlines
from webapp.deadlines.models import CalendarDay, CalendarYear, DeadlineSpan
from webapp.deadlines.notice import read_notice
from webapp.instances.interventions import resume, suspend
from webapp.instances.models import HistoryEntry, Instance
from webapp.problems import Conflict, Invalid, NotFound
from webapp.tasks.models import Task, TaskCandidate

AT_CITY = f'roles="city_leader" region="\'{CITY}\'"'
NOTICE_2027 = """日期,类型,名称
2027-01-01,放假,元旦
2027/1/2,放假,元旦
2027年1月3日,放假,元旦
2027-02-06,放假,春节
2027-02-07,放假,春节
2027-02-08,放假,春节
2027-02-09,放假,春节
2027-02-20,上班,春节
2027-04-05,放假,清明节
2027-05-01,放假,劳动节
2027-06-09,放假,端午节
2027-09-15,放假,中秋节
2027-10-01,放假,国庆节
2027-10-02,放假,国庆节
"""


def drawn(deadline: str = 'working_days="5"', rule: str = "") -> bytes:
    first = assigned("decide", rule, deadline=deadline) if rule else assigned("decide", deadline=deadline)
    return diagram(start(), first, end(), chain("start", "decide", "end"))


def lines(world: DatedWorld, instance: Instance, act: str) -> list[str | None]:
    query = select(HistoryEntry.comment).where(HistoryEntry.instance_id == instance.id, HistoryEntry.act == act)
    return list(world.session.scalars(query.order_by(HistoryEntry.id)))


def recomputed(world: DatedWorld, instance: Instance) -> Task:
    """The open task after a worker did what the change has put into the queue."""
    jobs = db.session.execute(db.text("SELECT task_name, args FROM procrastinate_jobs ORDER BY id DESC LIMIT 1"))
    name, arguments = jobs.one()
    world.session.commit()
    job = find_job(name)
    assert job is not None
    job.run(**arguments)
    return world.open_task(instance, "decide")


def test_a_closure_moves_what_the_office_of_that_region_has_to_do(world: DatedWorld) -> None:
    world.publish(drawn())
    instance = world.start_at("2021-04-22T10:00")
    assert world.open_task(instance, "decide").due_at == at("2021-04-28T23:59:59")
    operations.add_closure(
        world.session, world.administrator, COUNTY, date(2021, 4, 26), date(2021, 4, 27), "all", "抗洪抢险"
    )
    task = recomputed(world, instance)
    assert task.due_at == at("2021-04-30T23:59:59")
    assert list(world.session.scalars(select(TaskCandidate.due_at).where(TaskCandidate.task_id == task.id))) == [
        task.due_at
    ]
    assert lines(world, instance, "recompute") == [
        (
            "“decide”的办理期限由 2021-04-28 23:59 改为 2021-04-30 23:59。"
            "原因：某县 2021-04-26 至 2021-04-27 全天不办公（抗洪抢险）。"
        )
    ]
    recompute_deadlines("again")
    assert len(lines(world, instance, "recompute")) == 1
    assert world.open_task(instance, "decide").version == task.version


def test_the_city_is_not_moved_by_a_closure_of_a_county(world: DatedWorld) -> None:
    world.publish(drawn(rule=AT_CITY))
    instance = world.start_at("2021-04-22T10:00")
    operations.add_closure(world.session, None, COUNTY, date(2021, 4, 26), date(2021, 4, 26), "all", "抗洪抢险")
    assert recomputed(world, instance).due_at == at("2021-04-28T23:59:59")
    operations.add_closure(world.session, None, CITY, date(2021, 4, 26), date(2021, 4, 26), "all", "抗洪抢险")
    assert recomputed(world, instance).due_at == at("2021-04-29T23:59:59")


def test_a_printed_date_is_never_moved(world: DatedWorld) -> None:
    world.publish(drawn('before="printed"'))
    instance = world.start_at("2021-04-22T10:00")
    operations.add_closure(world.session, None, COUNTY, date(2021, 4, 30), date(2021, 5, 1), "all", "抗洪抢险")
    task = recomputed(world, instance)
    assert task.due_at == at("2021-05-01T23:59:59")
    assert lines(world, instance, "recompute") == []


def test_a_step_whose_timer_the_diagram_draws_keeps_the_time_of_the_timer(world: DatedWorld) -> None:
    late = boundary("late", "decide", timer("end_of_working_day(5)"))
    parts = (assigned("decide", deadline='working_days="5"'), late, end(), end("missed"))
    world.publish(diagram(start(), *parts, chain("start", "decide", "end"), chain("late", "missed")))
    instance = world.start_at("2021-04-22T10:00")
    operations.add_closure(world.session, None, COUNTY, date(2021, 4, 26), date(2021, 4, 26), "all", "抗洪抢险")
    task = recomputed(world, instance)
    assert task.due_at == at("2021-04-28T23:59:59")
    assert [wait["due_at"] for wait in instance.waits] == ["2021-04-28T23:59:59+08:00"]


def test_a_year_that_is_published_later_makes_what_was_provisional_certain(world: DatedWorld) -> None:
    world.publish(drawn())
    instance = world.start_at("2026-12-29T10:00")
    task = world.open_task(instance, "decide")
    assert (task.due_at, task.due_provisional) == (at("2027-01-05T23:59:59"), True)
    notice = read_notice(NOTICE_2027.replace("2027-01-01,", "2027-01-04,").encode())
    operations.import_notice(world.session, world.administrator, notice, "国办发明电〔2026〕1号")
    task = recomputed(world, instance)
    assert (task.due_at, task.due_provisional) == (at("2027-01-06T23:59:59"), False)
    (line,) = lines(world, instance, "recompute")
    assert "导入 2027 年放假安排（国办发明电〔2026〕1号）" in (line or "")


def test_a_year_that_changes_no_date_takes_the_mark_away_in_silence(world: DatedWorld) -> None:
    world.publish(drawn())
    instance = world.start_at("2026-12-31T10:00")
    assert world.open_task(instance, "decide").due_provisional
    after_new_year = NOTICE_2027.replace("2027-01-01,放假,元旦\n", "")
    operations.import_notice(world.session, None, read_notice(after_new_year.encode()), "国办发明电〔2026〕1号")
    assert not recomputed(world, instance).due_provisional
    assert lines(world, instance, "recompute") == []


def test_the_same_notice_twice_changes_nothing(world: DatedWorld) -> None:
    notice = read_notice(NOTICE_2027.encode())
    first = operations.import_notice(world.session, None, notice, "国办发明电〔2026〕1号")
    assert (first.is_new_year, len(first.added)) == (True, 14)
    assert operations.import_notice(world.session, None, notice, "国办发明电〔2026〕1号").is_empty
    corrected = read_notice(NOTICE_2027.replace("2027-05-01,放假", "2027-05-03,放假").encode())
    again = operations.compare_notice(world.session, corrected)
    assert (again.added, again.removed) == ([date(2027, 5, 3)], [date(2027, 5, 1)])


def test_a_notice_with_faults_is_refused_whole(world: DatedWorld) -> None:
    notice = read_notice(NOTICE_2027.replace("2027-02-20", "2027-02-19").encode())
    with pytest.raises(Invalid):
        operations.import_notice(world.session, None, notice, "国办发明电〔2026〕1号")
    assert world.session.get(CalendarYear, 2027) is None


def test_the_calendar_of_the_program_does_not_undo_what_the_office_changed(world: DatedWorld) -> None:
    day = date(2026, 7, 1)
    operations.set_day(world.session, world.administrator, day, "holiday", "建党节", "市政府通知")
    operations.ensure_calendar(world.session)
    world.session.execute(db.delete(CalendarYear).where(CalendarYear.year == 2026))
    operations.ensure_calendar(world.session)
    assert world.session.get_one(CalendarDay, day).name == "建党节"
    assert world.session.scalar(select(func.count()).select_from(CalendarYear)) == 23
    world.session.commit()
    forget_calendar()
    assert not calendar_in_force().works(day)


def test_a_day_is_set_and_set_back_with_a_trace(world: DatedWorld) -> None:
    day = date(2026, 7, 1)
    operations.set_day(world.session, world.administrator, day, "holiday", "建党节", "市政府通知")
    with pytest.raises(Conflict):
        operations.set_day(world.session, world.administrator, day, "holiday", "建党节", "市政府通知")
    operations.set_day(world.session, world.administrator, day, None, "", "更正")
    for wrong in (("working", "调休"), ("holiday", " ")):
        with pytest.raises(Invalid):
            operations.set_day(world.session, world.administrator, day, *wrong, "更正")
    with pytest.raises(Conflict, match="尚未导入"):
        operations.set_day(world.session, world.administrator, date(2031, 7, 1), "holiday", "某日", "通知")
    query = select(AuditEntry.before, AuditEntry.after).where(AuditEntry.act == "calendar.set_day")
    holiday = {"kind": "holiday", "name": "建党节"}
    assert [tuple(row) for row in world.session.execute(query.order_by(AuditEntry.id))] == [
        (None, holiday),
        (holiday, None),
    ]


def test_a_closure_is_checked_and_taken_back(world: DatedWorld) -> None:
    session, day = world.session, date(2026, 7, 1)
    assert operations.add_closure(session, None, COUNTY, day, day, "pm", "停电") == 1
    with pytest.raises(Conflict):
        operations.add_closure(session, None, COUNTY, day, day, "pm", "停电")
    for region, last, part, reason in (
        ("999999", day, "all", "停电"),
        (COUNTY, date(2026, 6, 30), "all", "停电"),
        (COUNTY, date(2028, 6, 30), "all", "停电"),
        (COUNTY, day, "night", "停电"),
        (COUNTY, day, "all", " "),
    ):
        with pytest.raises(Invalid):
            operations.add_closure(session, None, region, day, last, part, reason)
    session.commit()
    forget_calendar()
    assert calendar_in_force().state_of(day, COUNTY).closed_part == "pm"
    assert calendar_in_force().state_of(day, CITY).closed_part is None
    (closure,) = session.scalars(select(operations.CalendarClosure))
    operations.remove_closure(session, None, closure.id)
    with pytest.raises(NotFound):
        operations.remove_closure(session, None, closure.id)


def test_the_customs_are_settings(world: DatedWorld) -> None:
    hours = (time(8, 30), time(12), time(14, 30), time(18))
    change = {"rest_day_end_moves": False, "before_includes_day": False}
    operations.change_settings(world.session, world.administrator, hours=hours, **change)
    with pytest.raises(Invalid):
        operations.change_settings(world.session, world.administrator, hours=hours[::-1], **change)
    world.session.commit()
    forget_calendar()
    world.publish(drawn('calendar_days="9" office_hours="true"'))
    assert world.open_task(world.start_at("2021-04-22T10:00"), "decide").due_at == at("2021-05-01T18:00")


def test_counting_asks_the_database_for_nothing(world: DatedWorld) -> None:
    statements: list[str] = []
    calendar_in_force()
    event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    for _again in range(20):
        calendar_in_force().after_working_days(at("2021-04-22T10:00"), 200, COUNTY)
    assert len(statements) <= 1


def test_a_suspended_case_gets_its_working_days_back(world: DatedWorld) -> None:
    world.publish(drawn())
    instance = world.start_at("2021-04-22T10:00")
    suspend(world.session, world.leader, at("2021-04-23T10:00"), instance.id, "等待纪检意见")
    resume(world.session, world.leader, at("2021-05-06T10:00"), instance.id, "意见已到")
    task = world.open_task(instance, "decide")
    # 25 to 30 April and 6 May are the 7 working days that were lost
    assert task.due_at == at("2021-05-11T23:59:59")
    assert task.due_rule["added"] == 7
    due = select(TaskCandidate.due_at).where(TaskCandidate.task_id == task.id, TaskCandidate.is_open)
    assert set(world.session.scalars(due)) == {task.due_at}
    assert lines(world, instance, "resume") == ["意见已到（办理期限顺延 7 个工作日）"]
    (span,) = world.session.scalars(select(DeadlineSpan))
    assert (span.from_at, span.until_at, span.reason) == (
        at("2021-04-23T10:00"),
        at("2021-05-06T10:00"),
        "等待纪检意见",
    )


def test_a_suspension_within_a_day_moves_nothing_and_a_printed_date_stays(world: DatedWorld) -> None:
    world.publish(drawn('before="printed"'))
    instance = world.start_at("2021-04-22T10:00")
    suspend(world.session, world.leader, at("2021-04-23T10:00"), instance.id, "核实")
    resume(world.session, world.leader, at("2021-04-23T16:00"), instance.id, "已核实")
    suspend(world.session, world.leader, at("2021-04-23T17:00"), instance.id, "核实")
    resume(world.session, world.leader, at("2021-04-28T16:00"), instance.id, "已核实")
    assert world.open_task(instance, "decide").due_at == at("2021-05-01T23:59:59")
    assert lines(world, instance, "resume") == ["已核实", "已核实"]
