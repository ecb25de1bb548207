"""Begin a process: empty, with a diagram from elsewhere, or with everything that an archive holds."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.audit.operations import record
from webapp.definitions.models import ProcessVersion
from webapp.designer.models import ProcessDraft
from webapp.designer.operations import make_draft, name_in
from webapp.designer.rules import MOST_BYTES, is_key
from webapp.problems import invalid
from webapp.trials.archive import Package
from workflows.blank import blank_diagram, rename_process
from workflows.safe_xml import UnsafeXmlError, parse_xml

_KEY_WORDS = "流程标识须以小写英文字母开头，只含小写字母、数字和下划线，最多 64 个字符。"


def begin_process(session: Session, actor: Actor, now: datetime, process: str, name: str) -> ProcessDraft:
    """Start a new process with an empty diagram.

    Raises:
        Invalid: the key is no identifier, or taken.
    """
    _refuse_taken(session, process)
    content = {
        "process": process,
        "name": name,
        "bpmn": blank_diagram(process, name),
        "forms": {},
        "tables": {},
        "cases": {},
    }
    return make_draft(session, actor, now, content, None)


def import_diagram(session: Session, actor: Actor, now: datetime, process: str, data: bytes) -> ProcessDraft:
    """Start a new process with a BPMN file from elsewhere; what cannot run in it is named by the check, not refused.

    Raises:
        Invalid: no readable BPMN, or the key is no identifier, or taken.
    """
    _refuse_taken(session, process)
    try:
        root = parse_xml(data, max_bytes=MOST_BYTES)
    except UnsafeXmlError as error:
        raise invalid("file", "unreadable", error.message) from error
    bpmn = rename_process(root, process)
    if bpmn is None:
        raise invalid("file", "no_process", _("文件里没有流程（bpmn:process），不能导入。请选择 BPMN 2.0 流程图文件。"))
    content = {
        "process": process,
        "name": name_in(bpmn, process),
        "bpmn": bpmn,
        "forms": {},
        "tables": {},
        "cases": {},
    }
    return make_draft(session, actor, now, content, None)


def import_package(session: Session, actor: Actor, now: datetime, process: str, package: Package) -> ProcessDraft:
    """Make a draft of everything that an archive holds: of a new process, or of one that has no draft.

    Raises:
        Invalid: the key is no identifier, there is a draft already, or the diagram holds no process.
    """
    if not is_key(process):
        raise invalid("process", "pattern", _KEY_WORDS)
    if session.scalar(select(ProcessDraft.id).where(ProcessDraft.process == process)):
        raise invalid("process", "draft", _("流程“%(key)s”已有草稿，没有覆盖。请先放弃草稿，或另填标识。", key=process))
    bpmn = package.bpmn
    if process != package.process:
        renamed = rename_process(parse_xml(bpmn.encode(), max_bytes=MOST_BYTES), process)
        if renamed is None:
            raise invalid("file", "no_process", _("流程包里的流程图没有流程（bpmn:process），不能导入。"))
        bpmn = renamed
    current = select(ProcessVersion.version).where(ProcessVersion.process == process, ProcessVersion.is_current)
    parts = {"forms": package.forms, "tables": package.tables, "cases": package.cases}
    content = {"process": process, "name": name_in(bpmn, process), "bpmn": bpmn, **parts}
    draft = make_draft(session, actor, now, content, session.scalar(current))
    record(session, actor, "process.import", subject=f"process:{process}", after={"from": package.process})
    return draft


def _refuse_taken(session: Session, process: str) -> None:
    if not is_key(process):
        raise invalid("process", "pattern", _KEY_WORDS)
    versions = select(ProcessVersion.id).where(ProcessVersion.process == process)
    drafts = select(ProcessDraft.id).where(ProcessDraft.process == process)
    if session.scalar(versions) or session.scalar(drafts):
        raise invalid("process", "duplicate", _("流程标识“%(key)s”已在使用，请换一个。", key=process))
