"""A helped unit that has reached its target begins P1, where what the help has made known is filled in."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from webapp.declaration import beginning
from webapp.instances.models import Instance
from webapp.instances.operations import start_instance
from webapp.instances.processes import Case, Json
from webapp.pairing import parties
from webapp.pairing.models import Log, Milestone, Pairing, Signature
from webapp.pairing.rules import TARGETS
from webapp.pairing.steps import pairing_of
from webapp.problems import invalid
from webapp.registry.models import Organisation


def begin_declaration(case: Case, answers: Json) -> Json:
    """Start P1 for the helped unit; what is known is filled in there. Rules of the batch decide as always."""
    if answers["outcome"] == "declare" and case.actor is not None:
        _refuse_below_target(case, answers["honour"])
        data = {"batch": answers["batch"], "honour": answers["honour"]}
        instance = start_instance(case.session, case.actor, case.now, "declaration", data)
        case.note("begin_declaration", f"已发起申报 {instance.number}。")
    return {}


def _refuse_below_target(case: Case, honour: str) -> None:
    standing, target = parties.ranks(case.session), pairing_of(case).target_honour
    if standing.get(honour, 0) < standing[target]:
        name = parties.honour_names(case.session)[target]
        raise invalid("honour", "below_target", f"结对的目标是“{name}”，请申报这项或更高的荣誉（依据：{TARGETS}）。")


def open_batches(case: Case) -> Sequence[Mapping[str, Any]]:
    """The batches that the person may declare in."""
    return beginning.open_batches(case.session, case.actor, case.now) if case.actor else []


def offered_honours(case: Case) -> Sequence[Mapping[str, Any]]:
    """The honours of those batches from the target upwards: the target first."""
    if case.actor is None:
        return []
    standing, target = parties.ranks(case.session), pairing_of(case).target_honour
    offered = beginning.offered_honours(case.session, case.actor, case.now)
    return [choice for choice in offered if standing[choice["value"]] >= standing[target]]


def known_of_subject(case: Case) -> Json:
    """What the help has made known about a unit that declares: who leads it, what was planned and done."""
    query = (
        select(Pairing, Organisation.name, Instance.number)
        .join(Organisation, Organisation.id == Pairing.helper_id)
        .join(Instance, Instance.id == Pairing.instance_id)
        .where(Pairing.helped_id == case.subject_id, Pairing.active_since.is_not(None))
        .where((Pairing.outcome.is_(None)) | (Pairing.outcome == "target_reached"))
        .order_by(Pairing.id.desc())
        .limit(1)
    )
    row = case.session.execute(query).one_or_none()
    return _known(case, row.Pairing, row.name) if row else {}


_KINDS_OF_HELP = {
    "visit": "上门走访",
    "training": "培训指导",
    "plan": "制定方案、台账",
    "activity": "共同开展活动",
    "exchange": "观摩交流",
    "other": "其他",
}


def _known(case: Case, pairing: Pairing, helper: str) -> Json:
    logs = case.session.scalars(select(Log).where(Log.pairing_id == pairing.id).order_by(Log.month, Log.id))
    entries = [entry for log in logs for entry in log.entries]
    counts = {kind: sum(1 for e in entries if e.get("kind") == kind) for kind in _KINDS_OF_HELP}
    helped = "、".join(f"{_KINDS_OF_HELP[kind]} {n} 次" for kind, n in counts.items() if n)
    since = pairing.active_since
    known: Json = {
        "responsibility": f"{since:%Y年%m月}起与{helper}结对，共开展帮创 {len(entries)} 次"
        + (f"（{helped}）。" if helped else "。")
    }
    done = select(Milestone.title).where(Milestone.pairing_id == pairing.id, Milestone.done_on.is_not(None))
    titles = list(case.session.scalars(done.order_by(Milestone.year, Milestone.position)))
    if titles:
        known["leadership"] = f"按结对帮创计划完成：{'；'.join(titles)}。"[:3000]
    leader = case.session.get(Signature, (pairing.id, "helped"))
    return known | ({"leader": leader.representative[:50]} if leader else {})
