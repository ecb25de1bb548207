"""How each act on a task is asked for in a browser: its words, its form, whom it may name, and what it calls."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from forms.pages import acts as forms
from forms.pages.base import PageForm
from webapp.access import Actor, may
from webapp.acts import asking, copying, cosigning, handing, people, returning, rules, telling
from webapp.acts.queries import Marks
from webapp.instances.models import Instance
from webapp.instances.pages import actions_on
from webapp.tasks.reading import OpenedTask


@dataclass(frozen=True)
class Asked:
    """One act that somebody sends."""

    session: Session
    actor: Actor
    now: datetime
    task_id: UUID
    version: int
    form: Any

    def text(self, name: str = "text") -> str:
        return str(self.form[name].data or "")


@dataclass(frozen=True)
class ActPage:
    """The page of one act."""

    name: str
    """As the API and ``acts_on`` have it."""
    title: Any
    icon: str
    guide: Any
    button: Any
    form: type[PageForm]
    do: Callable[[Asked], object]
    said: Any
    """What the next page says."""
    picks: str = ""
    """Whom it may name: ``take``, ``sign`` or ``read``; empty where it names nobody."""
    is_danger: bool = False


def _add_signer(asked: Asked) -> None:
    position, to = asked.text("position"), asked.text("to")
    cosigning.add(*_key(asked), asked.version, position, to, asked.text())


def _return(asked: Asked) -> None:
    back = asked.text("resume") == "back"
    returning.return_task(*_key(asked), asked.version, asked.text("to_element"), asked.text(), comes_back=back)


def _key(asked: Asked) -> tuple[Session, Actor, datetime, UUID]:
    return asked.session, asked.actor, asked.now, asked.task_id


_PAGES = (
    ActPage(
        "transfer",
        _l("转办"),
        "arrow-right",
        _l("任务从此由对方办理，不再回到您手里。只能转给责任单位内有相应岗位的人。"),
        _l("转办"),
        forms.PersonForm,
        lambda a: handing.transfer(*_key(a), a.version, a.text("to"), a.text()),
        _l("已转办。"),
        "take",
    ),
    ActPage(
        "delegate",
        _l("委派"),
        "user-check",
        _l("对方只提意见，不作决定；意见交回之后任务回到您手里，由您决定。期限不变。"),
        _l("委派"),
        forms.DelegateForm,
        lambda a: asking.ask(*_key(a), a.version, "delegate", a.text("to"), a.text()),
        _l("已委派，对方提出意见之后回到您这里。"),
        "take",
    ),
    ActPage(
        "add-signer",
        _l("加签"),
        "user-plus",
        _l("再请一个人签署。被加签的人要看得到这个办件，并有相应岗位。"),
        _l("加签"),
        forms.AddSignerForm,
        _add_signer,
        _l("已加签。"),
        "sign",
    ),
    ActPage(
        "remove-signer",
        _l("减签"),
        "user-x",
        _l("还没有签的人可以减去；已经签了的，意见保留。"),
        _l("减签"),
        forms.RemoveSignerForm,
        lambda a: cosigning.remove(*_key(a), a.text("to"), a.text()),
        _l("已减签。"),
    ),
    ActPage(
        "return",
        _l("退回"),
        "arrow-back-up",
        _l("退回到已经走过的一步，由那一步的人改正。每一步下面写明谁要重新办理。"),
        _l("退回"),
        forms.ReturnForm,
        _return,
        _l("已退回。"),
        is_danger=True,
    ),
    ActPage(
        "nudge",
        _l("催办"),
        "speakerphone",
        _l(
            "请这个办件现在等着的人尽快办理；同时有几步在办的，都会收到。同一办件每个工作日只能催办一次，会写入办理过程。"
        ),
        _l("催办"),
        forms.NudgeForm,
        lambda a: telling.nudge(*_key(a), a.text()),
        _l("已催办，对方会收到通知。"),
    ),
    ActPage(
        "cc",
        _l("抄送"),
        "send",
        _l("请对方知悉，不需要办理。只能抄送给看得到这个办件的人。"),
        _l("抄送"),
        forms.CopyForm,
        lambda a: copying.copy(*_key(a), list(a.form.to.data or []), a.text()),
        _l("已抄送。"),
        "read",
    ),
    ActPage(
        "comments",
        _l("评论"),
        "message",
        _l("说几句话，不是办理意见，不影响流程。"),
        _l("发表评论"),
        forms.CommentForm,
        lambda a: telling.comment(*_key(a), a.text()),
        _l("评论已发表。"),
    ),
    ActPage(
        "snooze",
        _l("暂缓"),
        "clock",
        _l("在所选日期之前，这项任务不出现在您的待办里，到日子自己回来。办理期限不变，同岗位的其他人仍能办理。"),
        _l("暂缓"),
        forms.SnoozeForm,
        lambda a: telling.snooze(*_key(a), a.form.until.data),
        _l("已暂缓，可以在“暂缓”里找到。"),
    ),
)
PAGES: Mapping[str, ActPage] = {page.name: page for page in _PAGES}

_ASKED_BACK = ActPage(
    "remove-signer",
    _l("收回"),
    "user-x",
    _l("对方还没有提出意见，可以收回，任务立即回到您手里。"),
    _l("收回"),
    forms.RemoveSignerForm,
    lambda a: cosigning.remove(*_key(a), a.text("to"), a.text()),
    _l("已收回。"),
)


def page_of(name: str, opened: OpenedTask) -> ActPage:
    """The page of an act in the words that fit the task."""
    is_away = name == "remove-signer" and opened.task.request_id is not None and not opened.task.waiting_signers
    return _ASKED_BACK if is_away else PAGES[name]


def may_do(name: str, opened: OpenedTask, marks: Marks, actor: Actor) -> bool:
    """Whether the person may do an act on a task now, as far as its page can tell; the act itself checks again."""
    if name == "remove-signer":
        return opened.task.status == "open" and bool(removable(opened, marks, actor))
    return name in opened.actions


def menu_of(opened: OpenedTask, marks: Marks, actor: Actor) -> list[ActPage]:
    """The acts that the person may do on a task now, in the order of the menu."""
    return [page_of(name, opened) for name in PAGES if may_do(name, opened, marks, actor)]


def removable(opened: OpenedTask, marks: Marks, actor: Actor) -> list[tuple[str, str]]:
    """Who may be asked no more: whom the actor asked; a leader of an office also anybody else who has not signed."""
    is_leader = may(actor, "instances.suspend") and actor.is_office
    is_leader = is_leader and actor.organisation_id != opened.instance.subject_id
    pending = [one for one in marks.pending if is_leader or one.by_id == actor.user_id]
    if not rules.is_signing(opened.published, opened.task):
        kinds = {"delegate": _("委派"), "before": _("前加签"), "after": _("后加签")}
        return [(str(one.to_id), f"{one.to_name}（{one.office}，{kinds[one.kind]}）") for one in pending if one.to_id]
    name = opened.published.items[opened.task.element]
    mine = {str(one.item) for one in pending if one.kind == "co_sign"}
    waiting = [one for one in marks.signers if one.status == "open" and name in one.item]
    found = [one for one in waiting if is_leader or str(one.item[name]) in mine]
    later = [(str(one.item), _("%(name)s（未轮到）", name=one.name)) for one in marks.turns]
    return [
        *((str(one.item[name]), f"{one.to_name}（{one.office}）" if one.to_name else str(one.office)) for one in found),
        *(choice for choice in later if is_leader or choice[0] in mine),
    ]


def choices_for(
    session: Session, actor: Actor, opened: OpenedTask, page: ActPage, question: str, chosen: Collection[str] = ()
) -> "Choices":
    """Whom an act may name, narrowed to a part of a name or an office.

    Args:
        chosen: who is ticked already; they stay in the list, first, whatever is asked for.
    """
    found = _found(session, actor, opened, page, question)
    if chosen:
        known = {one.id for one in found}
        more = _found(session, actor, opened, page, "") if question else []
        everybody = [*(one for one in more if one.id not in known), *found]
        kept = [one for one in everybody if str(one.id) in chosen]
        found = [*kept, *(one for one in found if one not in kept)]
    return Choices.of_people(found)


def _found(session: Session, actor: Actor, opened: OpenedTask, page: ActPage, question: str) -> list[people.Person]:
    if page.picks == "read":
        return people.readers(session, actor, opened.instance, question)
    if page.picks == "sign" and rules.signs_as_body(opened.published, opened.task):
        found = cosigning.bodies_offered(session, opened.task, question)
        return [people.Person(number, "", name, "", frozenset()) for number, name in found]
    to_sign = page.picks == "sign"
    return people.offered(session, actor, opened.published, opened.instance, opened.task, question, to_sign=to_sign)


@dataclass(frozen=True)
class Group:
    """The people of one office."""

    office: str
    people: list[tuple[str, str, str]]
    """Value, name, and what else helps to tell them apart."""


@dataclass(frozen=True)
class Choices:
    """People to choose from, by office."""

    groups: list[Group]
    is_cut: bool = False

    MOST = 40

    @classmethod
    def of_people(cls, found: list[people.Person]) -> "Choices":
        """The first of those found, in their order."""
        groups: dict[str, Group] = {}
        for one in found[: cls.MOST]:
            group = groups.setdefault(one.organisation, Group(one.organisation, []))
            group.people.append((str(one.id), one.name, one.username))
        return cls(list(groups.values()), len(found) > cls.MOST)


def case_menu(actor: Actor, instance: Instance, marks: Marks) -> set[str]:
    """What the person may do to the case as a whole beside what has a button of its own."""
    found = actions_on(actor, instance) & {"suspend", "resume"}
    return found | ({"recall"} if marks.may_recall and instance.status != "suspended" else set())
