"""The audit log for those who may read it: filters, export, and whether the chain holds."""

import json
from collections.abc import Iterator
from typing import Any

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forms.pages.administration import AuditFilterForm
from webapp.access import access, current_actor
from webapp.administration.views import blueprint
from webapp.audit.acts import act_name
from webapp.audit.anchors import read_anchors
from webapp.audit.operations import record
from webapp.audit.queries import AuditFilter, list_acts, list_entries, sealing_state, subject_names
from webapp.audit.verification import WORDS, verify
from webapp.database import db
from webapp.exports import MAX_ROWS, xlsx_response

_PER_PAGE = 50


@blueprint.get("/audit")
@access("audit.read")
def audit() -> ResponseReturnValue:
    session, form = db.session(), AuditFilterForm(request.args)
    before = request.args.get("before", "")
    valid = form.validate()
    number = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    found = list_entries(session, _wanted(form), number, _PER_PAGE + 1) if valid else []
    shown = found[:_PER_PAGE]
    sealed, sealed_at = sealing_state(session)
    return render_template(
        "administration/audit.html",
        form=form,
        entries=[(row, _details(row.AuditEntry)) for row in shown],
        subjects=subject_names(session, [row.AuditEntry for row in shown]),
        act_name=act_name,
        before=shown[-1].AuditEntry.id if len(found) > _PER_PAGE else None,
        is_first=number is None,
        is_filtered=any(field.data for field in form),
        sealed=sealed,
        sealed_at=sealed_at,
        acts=list_acts(session),
    )


def _wanted(form: AuditFilterForm) -> AuditFilter:
    return AuditFilter(
        actor=(form.actor.data or "").strip(),
        act=(form.act.data or "").strip(),
        number=(form.number.data or "").strip(),
        first=form.first.data,
        last=form.last.data,
        refused=bool(form.refused.data),
    )


def _details(entry: Any) -> str:
    """What an entry says of before and after, for those who unfold it."""
    parts = {"before": entry.before, "after": entry.after}
    known = {name: value for name, value in parts.items() if value}
    return json.dumps(known, ensure_ascii=False, indent=1) if known else ""


@blueprint.get("/audit/export")
@access("audit.read")
def export_audit() -> ResponseReturnValue:
    form = AuditFilterForm(request.args)
    rows = list_entries(db.session(), _wanted(form), None, MAX_ROWS) if form.validate() else []
    record(db.session(), current_actor(), "audit.export", after={"rows": len(rows)})
    header = [
        "编号",
        "真实时间",
        "业务时间",
        "用户名",
        "姓名",
        "单位",
        "地址",
        "操作",
        "被拒绝",
        "办件",
        "对象",
        "之前",
        "之后",
        "链位",
        "代何人",
    ]
    return xlsx_response(_("审计日志"), [_(title) for title in header], _cells(rows))


def _cells(rows: list[Any]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        entry = row.AuditEntry
        yield (
            entry.id,
            entry.at,
            entry.business_at,
            row.username or (_("系统") if entry.machine else ""),
            row.name,
            row.organisation,
            entry.address,
            entry.act,
            entry.refused,
            row.number,
            entry.subject,
            json.dumps(entry.before, ensure_ascii=False) if entry.before else None,
            json.dumps(entry.after, ensure_ascii=False) if entry.after else None,
            row.position,
            row.on_behalf_of,
        )


@blueprint.get("/audit/verification")
@access("audit.read")
def verify_audit() -> ResponseReturnValue:
    found = verify(db.session(), read_anchors(current_app.extensions["settings"]))
    return render_template("administration/verification.html", found=found, words=WORDS)
