"""Background jobs: what waits, runs and failed, and another try for what failed."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.administration import JobFilterForm
from webapp.access import access, current_actor
from webapp.administration import operations, queries
from webapp.administration.views import blueprint
from webapp.background.registry import list_periodic_jobs
from webapp.database import db

_PER_PAGE = 50


@blueprint.get("/jobs")
@access("administration.read")
def jobs() -> ResponseReturnValue:
    session = db.session()
    form = JobFilterForm(request.args)
    form.offer(queries.JOB_STATUSES, queries.list_job_names(session))
    status = form.status.data if form.status.data in queries.JOB_STATUSES else None
    before = request.args.get("before", "")
    found = queries.list_jobs(
        session, status, form.job.data or None, int(before) if _is_number(before) else None, _PER_PAGE + 1
    )
    return render_template(
        "administration/jobs.html",
        form=form,
        jobs=found[:_PER_PAGE],
        before=found[_PER_PAGE - 1].id if len(found) > _PER_PAGE else None,
        is_first=not before,
        statuses=queries.JOB_STATUSES,
        periodic=[job.name for job, _schedule in list_periodic_jobs()],
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


@blueprint.post("/jobs/<int:job_id>/retry")
@access("administration.act")
def retry_job(job_id: int) -> ResponseReturnValue:
    operations.retry_job(db.session(), current_actor(), job_id)
    flash(_("任务 %(id)s 已重新排队。", id=job_id))
    return redirect(url_for("administration.jobs"))
