"""The pages of leaders: who is late, county by county; and of those who look after people: who is whose superior."""

from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.superiors import LeaderForm, OrganisationFilterForm, SuperiorForm
from webapp import clock, navigation
from webapp.access import access, current_actor
from webapp.database import db
from webapp.deadlines.rules import days_left_text, severity
from webapp.exports import MAX_ROWS, xlsx_response
from webapp.paging import page_numbers
from webapp.problems import Invalid
from webapp.reminders import laggards, posts

blueprint = Blueprint("reminders", __name__, template_folder="templates")


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    navigation.add(app, "督办", "reminders.late", "laggards.read", 25, icon="clock-exclamation")


def _wanted() -> laggards.LateFilter:
    return laggards.LateFilter.read(request.args)


@blueprint.get("/late")
@access("laggards.read")
def late() -> ResponseReturnValue:
    """Late tasks by county and process."""
    rows = laggards.list_bodies(db.session(), current_actor(), clock.now())
    return render_template(
        "reminders/late.html",
        rows=rows,
        now=clock.now(),
        days_left_text=days_left_text,
        late=sum(row.late for row in rows),
        serious=sum(row.serious for row in rows),
    )


@blueprint.get("/late/tasks")
@access("laggards.read")
def late_tasks() -> ResponseReturnValue:
    """Late tasks one by one."""
    session, actor, wanted = db.session(), current_actor(), _wanted()
    page, _ignored = page_numbers(request.args)
    bodies = laggards.list_bodies(session, actor, clock.now())
    return render_template(
        "reminders/late_tasks.html",
        found=laggards.list_late(session, actor, clock.now(), wanted, page, 50),
        wanted=wanted,
        regions={row.region: row.region_name or _("未归属") for row in bodies},
        processes={row.process: row.process_name for row in bodies},
        now=clock.now(),
        days_left_text=days_left_text,
        severity=severity,
    )


@blueprint.get("/late/export")
@access("laggards.read")
def export_late() -> Response:
    """The same list as a file."""
    now = clock.now()
    rows = db.session().execute(laggards.late_query(current_actor(), now, _wanted()).limit(MAX_ROWS)).all()
    header = [_("地区"), _("办理单位"), _("办理人"), _("环节"), _("申报单位"), _("编号"), _("截止"), _("逾期")]
    return xlsx_response(_("逾期清单"), header, (_cells(row, now) for row in rows))


def _cells(row: Any, now: Any) -> list[Any]:
    late_by = days_left_text(row.due_at, now, row.due_region)
    people = [row.region_name, row.organisation, row.holder]
    return [*people, row.name, row.unit or row.title, row.number, row.due_at, late_by]


@blueprint.get("/users/superiors")
@access("superiors.edit")
def superiors() -> ResponseReturnValue:
    """Who is told when an organisation is late."""
    form = OrganisationFilterForm(request.args)
    page, _ignored = page_numbers(request.args)
    words = (form.q.data or "").replace("\x00", "").strip()[:100]
    found = posts.list_organisations(db.session(), current_actor(), words, page, 50)
    return render_template("reminders/superiors.html", form=form, found=found)


@blueprint.route("/users/superiors/<int:organisation_id>", methods=["GET", "POST"])
@access("superiors.edit")
def superior(organisation_id: int) -> ResponseReturnValue:
    """The superior of one organisation, and the leaders of its people."""
    session, actor = db.session(), current_actor()
    row = posts.get_organisation(session, actor, organisation_id)
    people = posts.list_people(session, organisation_id)
    form = SuperiorForm(request.form, data={"superior": str(row.superior_id or "")})
    form.offer(posts.possible_superiors(session, row))
    leaders = _leader_forms(people, posts.possible_leaders(session, row))
    if request.method == "POST" and form.validate() and all(one.validate() for one in leaders.values()):
        chosen = {user_id: int(one.leader.data) if one.leader.data else None for user_id, one in leaders.items()}
        above = int(form.superior.data) if form.superior.data else None
        try:
            posts.set_superiors(session, actor, organisation_id, above, chosen)
        except Invalid as problem:
            session.rollback()
            form.superior.errors = [*form.superior.errors, *(error.message for error in problem.errors)]
        else:
            flash(_("已保存。以后的逾期上报按新的关系通知。"))
            return redirect(url_for(".superiors"))
    page = render_template("reminders/superior.html", organisation=row, people=people, form=form, leaders=leaders)
    return page, 422 if request.method == "POST" else 200


def _leader_forms(people: Any, choices: Any) -> dict[int, LeaderForm]:
    found = {}
    for person in people:
        form = LeaderForm(request.form, prefix=f"person-{person.id}-", data={"leader": str(person.leader_id or "")})
        form.offer(person.name, [choice for choice in choices if choice[0] != str(person.id)])
        found[person.id] = form
    return found
