"""The calendar as a picture of a year: everybody may look, administrators change days, closures and settings."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from forms.pages.base import PageForm
from forms.pages.deadlines import ClosureForm, CountingForm, DayForm, NoticeForm
from webapp import clock
from webapp.access import access, current_actor, may
from webapp.database import db
from webapp.deadlines import operations, queries
from webapp.deadlines.calendar import HOLIDAY, PARTS, WORKING
from webapp.deadlines.commands import report_of
from webapp.deadlines.current import calendar_in_force, missing_year
from webapp.deadlines.models import DeadlineSettings
from webapp.deadlines.notice import parse_day, read_notice
from webapp.deadlines.views import blueprint
from webapp.imports.reading import UnreadableFileError
from webapp.problems import Invalid, NotFound

_FIRST, _LAST = 2004, 2100


@blueprint.get("/calendar")
@access("calendar.read")
def calendar() -> ResponseReturnValue:
    return _page()


def _page(status: int = 200, **forms: Any) -> ResponseReturnValue:
    session, today, in_force = db.session(), clock.today(), calendar_in_force()
    year = _year()
    closures = queries.list_closures(session, date(year, 1, 1), date(year, 12, 31))
    known = queries.list_years(session)
    may_edit = may(current_actor(), "calendar.edit")
    page = render_template(
        "deadlines/calendar.html",
        year=year,
        years=sorted({row.year for row in known} | {today.year, today.year + 1, year}, reverse=True),
        published=next((row for row in known if row.year == year), None),
        missing=missing_year(today),
        months=queries.year_picture(in_force, year, today, queries.closures_by_day(closures)),
        specials=queries.list_specials(in_force, year),
        closures=closures,
        customs=in_force.customs,
        parts=PARTS,
        may_edit=may_edit,
        **(_forms() | forms if may_edit else {}),
    )
    return page, status


def _forms() -> dict[str, PageForm]:
    settings = db.session().scalars(select(DeadlineSettings)).one()
    return {"closure_form": _closure_form(), "notice_form": NoticeForm(), "counting_form": CountingForm(obj=settings)}


def _closure_form() -> ClosureForm:
    form = ClosureForm(request.form if request.method == "POST" else None)
    form.offer(queries.office_regions(db.session()), [(key, _(word)) for key, word in PARTS.items()])
    return form


def _year() -> int:
    year = request.values.get("year", "")
    return int(year) if year.isascii() and year.isdecimal() and _FIRST <= int(year[:4]) <= _LAST else clock.today().year


@blueprint.route("/calendar/days/<text>", methods=["GET", "POST"])
@access("calendar.edit")
def edit_day(text: str) -> ResponseReturnValue:
    """Make a day a holiday, a 调休 working day, or an ordinary day again."""
    session, day = db.session(), parse_day(text)
    if day is None:
        raise NotFound
    row = queries.find_day(session, day)
    form = DayForm(request.form, kind=row.kind if row else "", name=row.name if row else "")
    usual = _("工作日") if day.weekday() < 5 else _("周末")
    working = [(WORKING, _("调休上班"))] if day.weekday() > 4 else []
    form.offer([("", _("平常日子（%(usual)s）", usual=usual)), (HOLIDAY, _("放假")), *working])
    if request.method == "POST" and form.validate():
        try:
            operations.set_day(
                session, current_actor(), day, form.kind.data or None, form.name.data or "", form.source.data
            )
        except Invalid as problem:
            session.rollback()
            _say(form, problem)
        else:
            flash(_("%(day)s 已修改，未办结事项的期限正在重新计算。", day=day))
            return redirect(url_for("deadlines.calendar", year=day.year))
    state = calendar_in_force().state_of(day)
    page = render_template("deadlines/day.html", day=day, row=row, state=state, form=form)
    return page, 422 if form.errors else 200


@blueprint.post("/calendar/closures")
@access("calendar.edit")
def add_closure() -> ResponseReturnValue:
    """Close the offices of a region for some days."""
    session, form = db.session(), _closure_form()
    if form.validate():
        first, last = form.first.data, form.last.data or form.first.data
        try:
            count = operations.add_closure(
                session, current_actor(), form.region.data, first, last, form.part.data, form.reason.data
            )
        except Invalid as problem:
            session.rollback()
            _say(form, problem)
        else:
            flash(_("已登记 %(count)s 天不办公，未办结事项的期限正在重新计算。", count=count))
            return redirect(url_for("deadlines.calendar", year=first.year, _anchor="closures"))
    return _page(422, closure_form=form)


@blueprint.post("/calendar/closures/<int:closure_id>/remove")
@access("calendar.edit")
def remove_closure(closure_id: int) -> ResponseReturnValue:
    """Let the offices work on a day after all."""
    operations.remove_closure(db.session(), current_actor(), closure_id)
    flash(_("已取消，未办结事项的期限正在重新计算。"))
    return redirect(url_for("deadlines.calendar", year=_year(), _anchor="closures"))


@blueprint.post("/calendar/notice")
@access("calendar.edit")
def import_notice() -> ResponseReturnValue:
    """Try a notice, or take it in."""
    session, form = db.session(), NoticeForm(request.form)
    upload = request.files.get("file")
    try:
        notice = read_notice(upload.read() if upload else b"")
    except UnreadableFileError as problem:
        form.validate()
        form.file.errors = [*form.file.errors, str(problem)]
        return _page(422, notice_form=form)
    if not form.validate():
        return _page(422, notice_form=form)
    tries = request.form.get("act") == "try" or not notice.is_clean
    found = operations.compare_notice(session, notice) if notice.is_clean else None
    if found is not None and not tries:
        operations.import_notice(session, current_actor(), notice, form.source.data.strip())
        flash(_("%(year)s 年放假安排已导入，未办结事项的期限正在重新计算。", year=notice.year))
        return redirect(url_for("deadlines.calendar", year=notice.year))
    report = report_of(notice, found, applied=False)
    return _page(200 if notice.is_clean else 422, notice_form=form, report=report)


@blueprint.post("/calendar/settings")
@access("calendar.edit")
def change_settings() -> ResponseReturnValue:
    """Count by other customs."""
    session, form = db.session(), CountingForm(request.form)
    if form.validate():
        hours = (form.morning_from.data, form.morning_until.data, form.afternoon_from.data, form.afternoon_until.data)
        try:
            operations.change_settings(
                session,
                current_actor(),
                rest_day_end_moves=form.rest_day_end_moves.data,
                before_includes_day=form.before_includes_day.data,
                hours=hours,
            )
        except Invalid as problem:
            session.rollback()
            _say(form, problem)
        else:
            flash(_("规则已保存，未办结事项的期限正在重新计算。"))
            return redirect(url_for("deadlines.calendar", year=_year(), _anchor="settings"))
    return _page(422, counting_form=form)


def _say(form: PageForm, problem: Invalid) -> None:
    """What an operation refused, at the field that it is about."""
    fields = list(form)
    for error in problem.errors:
        field = form[error.path] if error.path in form else fields[0]
        field.errors = [*field.errors, error.message]
