"""Pages that exist in tests alone, to try the scripts and macros on before and beside the real pages."""

import json
from dataclasses import dataclass, field

from flask import Blueprint, Flask, render_template_string, request
from flask.typing import ResponseReturnValue

from forms.compile import CompiledForm, compile_form
from forms.posting import is_row_action
from webapp.access import access

_PAGE = """{% extends "layout.html" %}
{% from "macros/forms.html" import csrf, buttons %}
{% from "macros/tables.html" import data_table, cell, tick_cell %}
{% from "macros/page.html" import page_header %}
{% block title %}试验{% endblock %}
{% block header %}{{ page_header('试验') }}{% endblock %}
{% block content %}CONTENT{% endblock %}"""

_FORM = """<form method="post" enctype="multipart/form-data" novalidate data-max-bytes="1000" data-warn-unsaved
 data-autosave-url="/workshop/draft">{{ csrf() }}{{ fields }}{{ buttons('提交') }}
<p role="status" data-draft-state></p></form>"""

_LIST = """<form method="post">{{ csrf() }}
{% call data_table('名单', ['单位', '分数'], tick=true) %}
{% for n in range(1, 7) %}<tr>{{ tick_cell('ids', n, '选择第' ~ n ~ '个', disabled=n == 6) }}
{{ cell('单位', '单位' ~ n, header=true) }}{{ cell('分数', n, class='number') }}</tr>{% endfor %}
{% endcall %}<p data-tick-count></p>{{ buttons('办理') }}</form>"""

DOCUMENT = {
    "type": "default",
    "id": "workshop",
    "schemaVersion": 18,
    "components": [
        {"type": "textfield", "id": "title", "key": "title", "label": "名称", "validate": {"required": True}},
        {
            "type": "radio",
            "id": "verdict",
            "key": "verdict",
            "label": "结论",
            "values": [{"label": "通过", "value": "pass"}, {"label": "退回", "value": "return"}],
        },
        {
            "type": "textarea",
            "id": "why",
            "key": "why",
            "label": "理由",
            "conditional": {"hide": '=verdict != "return"'},
        },
        {
            "type": "dynamiclist",
            "id": "points",
            "path": "points",
            "label": "问题",
            "components": [{"type": "textfield", "id": "point", "key": "point", "label": "内容"}],
        },
        {"type": "filepicker", "id": "proof", "key": "proof", "label": "佐证"},
    ],
}


@dataclass
class Workshop:
    """What the pages received, and how they answer."""

    drafts: list[dict[str, str]] = field(default_factory=list)
    posts: list[dict[str, list[str]]] = field(default_factory=list)
    draft_status: int = 200

    def form(self) -> ResponseReturnValue:
        compiled: CompiledForm = compile_form(DOCUMENT)
        data, errors = {}, []
        if request.method == "POST":
            self.posts.append(request.form.to_dict(flat=False))
            data = compiled.from_html(request.form)
            if not is_row_action(request.form):
                errors = compiled.validate(data, uploads={}).errors
        text = _PAGE.replace("CONTENT", _FORM)
        return render_template_string(text, fields=compiled.render(data, errors)), 422 if errors else 200

    def draft(self) -> ResponseReturnValue:
        if self.draft_status != 200:
            return "", self.draft_status
        self.drafts.append(request.form.to_dict())
        return json.dumps({"saved_at": "10:32"}), 200, {"Content-Type": "application/json"}

    def list(self) -> ResponseReturnValue:
        if request.method == "POST":
            self.posts.append(request.form.to_dict(flat=False))
        return render_template_string(_PAGE.replace("CONTENT", _LIST))


def add_workshop(app: Flask) -> Workshop:
    """Add the pages ``/workshop/form``, ``/workshop/draft`` and ``/workshop/list`` to an application."""
    workshop = Workshop()
    blueprint = Blueprint("workshop", __name__, url_prefix="/workshop")
    for name, methods in (("form", ["GET", "POST"]), ("draft", ["POST"]), ("list", ["GET", "POST"])):
        view = access("account.own")(_without_self(workshop, name))
        blueprint.add_url_rule(f"/{name}", name, view, methods=methods)
    app.register_blueprint(blueprint)
    return workshop


def _without_self(workshop: Workshop, name: str):
    def view() -> ResponseReturnValue:
        return getattr(workshop, name)()

    return view
