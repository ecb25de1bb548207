"""What the calls about acts beside deciding take and answer with."""

from webapp.api.schema_words import (
    FLAG,
    MOMENT,
    NUMBER,
    OBJECT,
    TEXT,
    UUID,
    Schema,
    listed,
    maybe,
    one_of,
    record,
    reference,
    taken,
)

_PERSON: Schema = {"type": ["integer", "string"], "description": "账号编号或用户名"}
_TO = taken("text", version=NUMBER, to=_PERSON, text=TEXT)
_ACTED: Schema = {"anyOf": [reference("OpenedTask"), record(id=UUID)]}
_STEPS = listed(record(element=TEXT, name=TEXT, who=TEXT))
_THING = {"kind": TEXT, "subject": TEXT, "process": maybe(TEXT), "title": TEXT, "before": TEXT}
_RESULT = one_of("waiting", "handed", "leader", "left", "ended", "failed")
_ON_TASKS = ("transfer_task", "delegate_task", "add_signer", "remove_signer", "return_task", "nudge_task")

COMPONENTS: dict[str, Schema] = {
    "Deputy": record(
        id=NUMBER, principal=NUMBER, deputy=NUMBER, **{"from": TEXT}, until=TEXT, processes=listed(TEXT), reason=TEXT
    ),
    "HandOver": record(
        id=NUMBER,
        to=NUMBER,
        status=one_of("running", "done"),
        counts=OBJECT,
        items=listed(record(**_THING, status=_RESULT, to=maybe(NUMBER), reason=maybe(TEXT))),
        total=NUMBER,
        **{"from": NUMBER},
    ),
}

BODIES: dict[str, Schema] = {
    "transfer_task": _TO,
    "delegate_task": _TO,
    "add_signer": taken("text", "position", version=NUMBER, to=_PERSON, position=one_of("before", "after"), text=TEXT),
    "remove_signer": taken("text", "version", version=NUMBER, to=_PERSON, text=TEXT),
    "return_task": taken(
        "to_element",
        "resume",
        version=NUMBER,
        to_element=TEXT | {"description": "环节 id，或 previous（上一环节）、declarant（申报人）"},
        resume=FLAG | {"description": "true：改好后直接送回本人；false：从该处重新办理"},
        text=TEXT,
    ),
    "nudge_task": taken("text", "version", text=TEXT, version=NUMBER),
    "snooze_task": taken("version", "until", until=maybe(TEXT), version=NUMBER),
    "copy_task": taken("text", "version", to={"anyOf": [_PERSON, listed(_PERSON)]}, text=TEXT, version=NUMBER),
    "add_comment": taken("version", text=TEXT, version=NUMBER),
    "recall_instance": taken(reason=TEXT),
    "name_deputy": taken(
        "principal",
        "processes",
        "reason",
        principal=maybe(_PERSON),
        to=_PERSON,
        **{"from": TEXT, "until": TEXT},
        processes=listed(TEXT),
        reason=TEXT,
    ),
    "start_hand_over": taken(
        "successors",
        "reason",
        "gives_roles",
        "disables",
        to=_PERSON,
        **{"from": _PERSON},
        successors=OBJECT | {"description": "流程 id → 接手的人（账号编号或用户名）"},
        reason=TEXT,
        gives_roles=FLAG,
        disables=FLAG | {"description": "true：交接完成后停用账号"},
    ),
}

QUERIES: dict[str, dict[str, Schema]] = {
    "preview_hand_over": {"from": TEXT},
    "get_hand_over": {"status": _RESULT},
}

ANSWERS: dict[str, Schema] = {
    **dict.fromkeys((*_ON_TASKS, "snooze_task", "copy_task"), _ACTED),
    "preview_return": record(
        to_element=TEXT,
        name=TEXT,
        asked=TEXT,
        may_resume=FLAG,
        again=_STEPS,
        cancelled=_STEPS,
        lasting=listed(TEXT),
        places=listed(record(element=TEXT, name=TEXT)),
    ),
    "add_comment": record(id=NUMBER, text=TEXT, mentioned=listed(NUMBER), at=MOMENT),
    "list_comments": record(items=listed(record(id=NUMBER, at=MOMENT, author=TEXT, text=TEXT))),
    "recall_instance": reference("Instance"),
    "list_deputies": record(items=listed(reference("Deputy"))),
    "name_deputy": reference("Deputy"),
    "preview_hand_over": record(
        items=listed(record(**_THING)),
        total=NUMBER,
        others=listed(record(**_THING)),
        processes=listed(record(process=TEXT, name=TEXT, tasks=NUMBER)),
        **{"from": TEXT},
    ),
    "start_hand_over": reference("HandOver"),
    "get_hand_over": reference("HandOver"),
}

STATUSES = {"add_comment": 201, "name_deputy": 201, "end_deputy": 204, "start_hand_over": 201}
