"""What stands in the papers of a case, as plain data: for the page that is printed and for the PDF alike."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from forms.showing import Shown
from webapp.access import Actor
from webapp.instances.casefile import Answered, FileLink
from webapp.instances.pages import CaseView
from webapp.instances.progress import Happened
from webapp.instances.running import STATUS_WORDS
from webapp.templating import duration, filesize, instant

Block = dict[str, Any]


def papers_of(actor: Actor, now: datetime, view: CaseView) -> dict[str, Any]:
    """Title, sections and blocks of everything that ``actor`` may read of a case."""
    names, instance = view.names, view.instance
    subtitle = " · ".join(filter(None, (names.unit or instance.title, names.honour)))
    sections = [
        (_("基本情况"), _facts(actor, view)),
        (_("申报内容"), list(_declared(view.file.declared)) if view.file.declared else []),
        (_("各环节意见"), [block for one in reversed(view.file.opinions) for block in _opinion(one)]),
        (_("历次申报内容"), [block for one in reversed(view.file.superseded) for block in _opinion(one)]),
        (_("附件清单"), _files(view.file.files)),
        (_("办理经过"), _timeline(view.happened)),
        (_("现在和后续"), _ahead(view)),
    ]
    if view.file.is_cut:
        sections.append((_("说明"), [{"kind": "quiet", "text": _("更早的意见没有列出，见办理经过。")}]))
    return {
        "title": _("%(name)s办件全卷", name=view.published.name),
        "subtitle": subtitle,
        "number": instance.number,
        "office": actor.organisation_name,
        "printed": _(
            "%(who)s（%(office)s）打印于 %(at)s", who=actor.name, office=actor.organisation_name, at=instant(now)
        ),
        "sections": [{"title": title, "blocks": blocks} for title, blocks in sections if blocks],
    }


def _facts(actor: Actor, view: CaseView) -> list[Block]:
    names, instance = view.names, view.instance
    status = _(STATUS_WORDS[instance.status]) + (f"：{instance.outcome_name}" if instance.outcome_name else "")
    rows = [
        (_("编号"), instance.number),
        (_("申报单位"), names.unit),
        (_("申报荣誉"), names.honour),
        (_("批次"), names.batch),
        (_("地区"), (names.region or "") + (_("（市直）") if names.city_direct else "")),
        (_("发起"), f"{names.starter}，{instant(instance.started_at)}"),
        (_("状态"), status),
        (_("办结"), instant(instance.ended_at)),
        (_("流程"), f"{view.published.name} v{view.published.version}"),
        (_("合格线"), None if actor.is_unit or names.pass_mark is None else f"{names.pass_mark:g}"),
    ]
    return [{"kind": "pairs", "rows": [[label, value] for label, value in rows if value]}]


def _declared(found: Answered) -> Iterator[Block]:
    yield {"kind": "quiet", "text": f"{_titled(found)} · {_who(found)}"}
    yield from _answers(found.shown)


def _opinion(found: Answered) -> Iterator[Block]:
    outcome = f"：{found.outcome}" if found.outcome else ""
    yield {"kind": "entry", "text": _titled(found) + outcome, "who": _who(found)}
    yield from _answers(found.shown)
    if signed := found.signature:
        note = _("与办理内容一致") if signed.is_intact else _("办理内容或签名图片已不是签名时的样子")
        text = _("%(name)s的手写签名（%(note)s）", name=signed.name, note=note)
        yield {"kind": "signature", "text": text, "attachment": signed.attachment_id}


def _titled(found: Answered) -> str:
    return found.name + (_("（第 %(round)s 次）", round=found.round) if found.round > 1 else "")


def _who(found: Answered) -> str:
    return f"{found.actor} · {found.organisation} · {instant(found.at)}"


def _answers(shown: Sequence[Shown]) -> Iterator[Block]:
    """Answers as pairs of label and text; a group begins with its heading."""
    rows: list[list[str]] = []
    for item in shown:
        if item.items:
            yield from _pairs(rows)
            rows = []
            yield {"kind": "heading", "text": item.label}
            yield from _answers(item.items)
        else:
            rows.append(
                [item.label, "\n".join(_row(place, row) for place, row in enumerate(item.rows, 1)) or item.text]
            )
    yield from _pairs(rows)


def _pairs(rows: list[list[str]]) -> Iterator[Block]:
    if rows:
        yield {"kind": "pairs", "rows": rows}


def _row(place: int, row: Iterable[Shown]) -> str:
    return f"{place}. " + "；".join(f"{part.label} {part.text}" for part in row if part.text)


def _table(head: list[str], widths: list[int], rows: list[list[str]]) -> list[Block]:
    return [{"kind": "table", "head": head, "widths": widths, "rows": rows}] if rows else []


def _files(files: Sequence[FileLink]) -> list[Block]:
    rows = [[file.name, file.note, file.by, filesize(file.size), instant(file.at)] for file in files]
    return _table([_("名称"), _("环节"), _("提交单位"), _("大小"), _("时间")], [7, 4, 5, 2, 4], rows)


def _timeline(happened: Sequence[Happened]) -> list[Block]:
    rows = [[instant(one.at), one.text, _by(one), one.comment or "", duration(one.duration)] for one in happened]
    return _table([_("时间"), _("经过"), _("办理人"), _("意见或说明"), _("用时")], [4, 4, 4, 7, 2], rows)


def _by(one: Happened) -> str:
    if one.machine or not one.actor:
        return _("系统自动") if one.machine else ""
    behalf = _("代 %(name)s", name=one.on_behalf_of) if one.on_behalf_of else ""
    return "\n".join(filter(None, (" ".join(filter(None, (one.actor, behalf))), one.organisation)))


def _ahead(view: CaseView) -> list[Block]:
    rows = [
        [
            _("正在办理") if step.get("current") else _("后续"),
            step["text"],
            step.get("who") or "",
            instant(step.get("due_at")),
        ]
        for step in view.steps
    ]
    return _table([_("状态"), _("环节"), _("办理方"), _("截止")], [2, 5, 6, 4], rows)
