"""What BPMN knows and the engine does not, and everything in a diagram that the application must know as well."""

import pytest

from tests.unit.workflows_xml.drawing import FACTS, end, flows, found, node, ours, problems, process, start, task, whole
from workflows.checks import Facts

TIMER = "<timerEventDefinition><timeDuration>'P1D'</timeDuration></timerEventDefinition>"


def event(kind: str, definition: str, **attributes: str) -> bytes:
    inner = f"<{definition}EventDefinition/>" if definition else ""
    return whole(node(kind, "odd", inner, **attributes))


@pytest.mark.parametrize(
    ("kind", "definition"),
    [
        ("task", ""), ("manualTask", ""), ("complexGateway", ""), ("adHocSubProcess", ""), ("choreographyTask", ""),
        ("intermediateThrowEvent", "link"), ("intermediateCatchEvent", "link"), ("endEvent", "compensate"),
        ("intermediateThrowEvent", "compensate"), ("endEvent", "signal"), ("intermediateThrowEvent", "error"),
        ("intermediateThrowEvent", "terminate"), ("intermediateCatchEvent", "error"),
        ("intermediateCatchEvent", "escalation"), ("intermediateCatchEvent", "conditional"), ("startEvent", "timer"),
        ("startEvent", "message"), ("startEvent", "error"), ("intermediateCatchEvent", ""), ("boundaryEvent", ""),
        ("boundaryEvent", "compensate"), ("endEvent", "cancel"),
    ],
)  # fmt: skip
def test_what_the_engine_refuses_or_ignores_is_named_with_what_to_use_instead(kind: str, definition: str) -> None:
    found_problems = problems(event(kind, definition))
    assert found_problems["unsupported_element"].element == "odd"
    assert "请" in found_problems["unsupported_element"].message


def test_several_definitions_on_one_event() -> None:
    data = whole(node("intermediateCatchEvent", "odd", TIMER + "<messageEventDefinition/>"))
    assert ("unsupported_element", "odd") in found(data)


@pytest.mark.parametrize(
    "attribute", [{"triggeredByEvent": "true"}, {"isForCompensation": "true"}], ids=["event", "compensation"]
)
def test_special_subprocesses(attribute: dict[str, str]) -> None:
    data = whole(node("subProcess", "odd", start("s") + end("e") + flows("s > e"), **attribute))
    assert ("unsupported_element", "odd") in found(data)


def test_data_stores_and_choreographies() -> None:
    data = whole('<dataStoreReference id="store"/>').replace(b"<process", b'<choreography id="c"/><process')
    assert {("unsupported_element", "store"), ("unsupported_element", "c")} <= set(found(data))


def test_cancelling_belongs_into_transactions() -> None:
    inner = start("s") + node("endEvent", "stop", "<cancelEventDefinition/>") + flows("s > stop")
    border = node("boundaryEvent", "stopped", "<cancelEventDefinition/>", attachedToRef="sub")
    data = process(
        start(), node("transaction", "sub", inner), border, end(), flows("begin > sub > finish", "stopped > finish")
    )
    assert "unsupported_element" not in dict(found(data))


def test_called_processes() -> None:
    assert ("called_process_unknown", "c") in found(whole(node("callActivity", "c", calledElement="elsewhere")))
    assert ("called_process_unknown", "c") in found(whole(node("callActivity", "c")))


def test_foreign_extensions_are_mentioned() -> None:
    data = whole().replace(
        b'<userTask id="first">', b'<userTask id="first" xmlns:c="http://camunda.org/x" c:assignee="a">'
    )
    assert [(p.code, p.severity) for p in problems(data).values()] == [("foreign_extension", "info")]


@pytest.mark.parametrize(
    ("text", "kind", "is_fine"),
    [
        ("'P5D'", "timeDuration", True), ("end_of_working_day(10)", "timeDate", True), ("unit_id", "timeDate", True),
        ("'2026-12-31T18:00:00+08:00'", "timeDate", True), ("'PT12H'", "timeDuration", True),
        ("P5D", "timeDuration", False), ("'PT0S'", "timeDuration", False), ("'R3/P1D'", "timeCycle", False),
        ("'2026-12-31'", "timeDate", False), ("'2026-12-31T18:00:00'", "timeDate", False),
        ("'soon'", "timeDate", False),
        ("'5 days'", "timeDuration", False), ("5", "timeDuration", False), ("None", "timeDate", False),
        ("'P10Y'", "timeDuration", False), ("'P3650D'", "timeDuration", False), ("'P4Y'", "timeDuration", True),
        ("'P999999999999999Y'", "timeDuration", False), ("'2216-12-31T18:00:00+08:00'", "timeDate", False),
        ("end_of_working_day(0)", "timeDate", False), ("end_of_working_day(-3)", "timeDate", False),
        ("end_of_working_day(99999999)", "timeDate", False), ("end_of_working_day(days)", "timeDate", True),
        ("", "timeDate", False), ("2026-12-31T18:00:00Z", "timeDate", False), ("'P'", "timeDuration", False),
    ],
)  # fmt: skip
def test_timers(text: str, kind: str, is_fine: bool) -> None:
    timer = f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"
    data = whole(node("boundaryEvent", "late", timer, attachedToRef="first"), flows("late > finish"))
    assert (("timer_not_armed", "late") not in found(data)) is is_fine


def test_messages() -> None:
    definition = '<messageEventDefinition messageRef="{}"/>'
    top = '<message id="m" name="withdrawal"/><message id="n" name="rain"/>'
    waits = [node("boundaryEvent", key, definition.format(key), attachedToRef="first") for key in ("m1", "n1", "gone")]
    data = whole(
        *waits,
        flows("m1 > finish", "n1 > finish", "gone > finish"),
        top=top.replace('id="m"', 'id="m1"').replace('id="n"', 'id="n1"'),
    )
    assert found(data) == [("message_missing", "gone"), ("message_not_sent", "n1")]
    assert found(data, Facts()) == [("message_missing", "gone")]


@pytest.mark.parametrize("kind", ["signal", "error", "escalation"])
def test_what_events_refer_to_exists(kind: str) -> None:
    event = f'<{kind}EventDefinition {kind}Ref="x"/>'
    parts = (node("boundaryEvent", "b", event, attachedToRef="first"), flows("b > finish"))
    assert ("reference_unknown", "b") in found(whole(*parts))
    assert ("reference_unknown", "b") not in found(whole(*parts, top=f'<{kind} id="x"/>'))


def test_rule_tasks_name_a_decision() -> None:
    def rule(inner: str, facts: Facts = FACTS) -> list[tuple[str, str]]:
        data = process(start(), node("businessRuleTask", "r", ours(inner)), end(), flows("begin > r > finish"))
        return found(data, facts)

    assert rule("") == [("decision_missing", "r")]
    assert rule('<wm:decision ref="grade"/>') == []
    assert rule('<wm:decision ref="grade"/>', Facts(decisions={})) == [("decision_unknown", "r")]


def test_ends_of_called_processes_need_no_outcome() -> None:
    called = (
        b'<process id="q"><startEvent id="qs"/><endEvent id="qe"/>'
        b'<sequenceFlow id="qf" sourceRef="qs" targetRef="qe"/></process></definitions>'
    )
    data = process(start(), node("callActivity", "c", calledElement="q"), end(), flows("begin > c > finish"))
    assert found(data.replace(b"</definitions>", called)) == []


def test_send_and_receive_tasks_need_a_message() -> None:
    codes = found(whole(node("receiveTask", "r"), node("sendTask", "s")))
    assert {("message_missing", "r"), ("message_missing", "s")} <= set(codes)


def test_ends_say_what_became_of_the_case() -> None:
    bare = node("endEvent", "bare")
    wrong = node("endEvent", "wrong", ours('<wm:outcome status="over" value="x" name="y"/>'))
    codes = found(whole(bare, wrong))
    assert {("outcome_missing", "bare"), ("outcome_invalid", "wrong")} <= set(codes)
    assert problems(whole(bare))["outcome_missing"].severity == "warning"


def test_inner_ends_need_no_outcome() -> None:
    inner = start("s") + node("endEvent", "e") + flows("s > e")
    data = process(start(), node("subProcess", "sub", inner), end(), flows("begin > sub > finish"))
    assert found(data) == []


def service(attributes: str) -> list[tuple[str, str]]:
    call = node("serviceTask", "call", ours(f"<wm:service {attributes}/>") if attributes else "")
    data = process(start(), call, end(), flows("begin > call > finish"))
    return [(p, e) for p, e in found(data) if e == "call"]


def test_services() -> None:
    assert service('name="draw" unit="unit_id" seed="7" result="drawn"') == []
    assert service("") == [("service_missing", "call")]
    assert service('name="drew" unit="unit_id"') == [("service_unknown", "call")]
    assert service('name="draw" result="drawn"') == [("service_parameter_missing", "call")]
    assert service('name="draw" unit="unit_id" colour="1" result="x"') == [("service_parameter_unknown", "call")]
    assert service('name="draw" unit="unit_id" result="typename"') == [("name_reserved", "call")]
    assert service('name="draw" unit="unit id" result="x"') == [("expression_refused", "call")]


def person(inner: str, **facts: object) -> list[tuple[str, str]]:
    data = process(start(), node("userTask", "job", ours(inner)), end(), flows("begin > job > finish"))
    return found(data)


FORM, WHO, LIMIT = (
    '<wm:form key="review"/>',
    '<wm:assignment roles="clerk" region="region"/>',
    '<wm:deadline working_days="5"/>',
)


def test_user_tasks() -> None:
    assert person(FORM + WHO + LIMIT) == []
    assert person(FORM + LIMIT) == [("assignment_missing", "job")]
    assert person(FORM + WHO) == [("deadline_missing", "job")]
    assert person(WHO + LIMIT) == [("form_missing", "job")]
    assert person('<wm:form key="gone"/>' + WHO + LIMIT) == [("form_unknown", "job")]
    assert person(FORM + WHO + '<wm:deadline working_days="-5"/>') == [("deadline_unclear", "job")]
    assert person(FORM + WHO + """<wm:deadline date="'2026-12-31'"/>""") == []
    assert person(FORM + WHO + """<wm:deadline date="'soon'"/>""") == [("deadline_unclear", "job")]
    assert person(FORM + WHO + '<wm:deadline date="5"/>') == [("deadline_unclear", "job")]
    assert person(FORM + WHO + '<wm:deadline calendar_days="unit_id"/>') == []
    assert person(FORM + WHO + '<wm:deadline working_days="soon"/>') == [("variable_unset", "job")]
    assert person(FORM + WHO + '<wm:deadline working_days="5" date="unit_id"/>') == [("deadline_unclear", "job")]


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ('roles="clerk"', "assignment_unclear"),
        ('region="region"', "assignment_unclear"),
        ('roles="clerk" region="region" organisation="unit_id"', "assignment_unclear"),
        ('roles="king" region="region"', "role_unknown"),
        ('roles="clerk" region="region" persons="many"', "assignment_unclear"),
        ('roles="clerk" region="region" exclude="unit friends"', "exclusion_unknown"),
        ('roles="clerk" region="region" exclude="acted:nobody"', "exclusion_unknown"),
        ('roles="clerk" region="import os"', "expression_refused"),
    ],
)
def test_assignments(attributes: str, code: str) -> None:
    assert person(f"{FORM}<wm:assignment {attributes}/>{LIMIT}") == [(code, "job")]


def test_an_assignment_to_a_person_needs_no_role() -> None:
    assert person(f'{FORM}<wm:assignment person="unit_id" exclude="unit acted:job"/>{LIMIT}') == []


def test_a_step_behind_another_needs_a_way_back() -> None:
    data = process(start(), task("a", "fill"), task("b"), end(), flows("begin > a > b > finish"))
    assert found(data) == [("no_way_back", "b")]
    assert problems(data)["no_way_back"].severity == "warning"
    single = process(start(), task("a", "fill"), task("b", "fill"), end(), flows("begin > a > b > finish"))
    assert problems(single)["no_way_back"].severity == "info"


def signing(inner: str, attributes: str = "") -> list[tuple[str, str]]:
    loop = f"<multiInstanceLoopCharacteristics {attributes}>{inner}</multiInstanceLoopCharacteristics>"
    facts = Facts(**{name: getattr(FACTS, name) for name in ("forms", "roles", "services", "messages")})
    data = process(start(), task("sign", "fill", loop), end(), flows("begin > sign > finish"))
    return [c for c in found(data, facts) if c[0].startswith("signing")]


COLLECTION = "<loopDataInputRef>people</loopDataInputRef>"
ITEM, OUTPUTS = '<inputDataItem id="one"/>', '<loopDataOutputRef>votes</loopDataOutputRef><outputDataItem id="vote"/>'


def test_multi_instances() -> None:
    assert signing(COLLECTION + ITEM + OUTPUTS) == []
    assert signing(COLLECTION + ITEM) == [("signing_without_result", "sign")]
    assert signing(COLLECTION + ITEM + "<outputDataItem id='vote'/>") == [("signing_without_result", "sign")]
    assert signing(OUTPUTS) == [("signing_without_list", "sign")]
    assert signing("<loopCardinality>3</loopCardinality>" + OUTPUTS) == [("signing_by_number", "sign")]
    assert signing(COLLECTION + ITEM + OUTPUTS.replace("votes", "people")) == [("signing_name_repeated", "sign")]


def test_unknown_facts_silence_what_needs_them() -> None:
    data = process(
        start(), task("a", "gone", roles="king"), end(), flows("begin > a > finish"),
        node("serviceTask", "s", ours('<wm:service name="nothing" x="unheard_of()"/>')), flows("a > s"),
    )  # fmt: skip
    silent = {"form_unknown", "role_unknown", "service_unknown", "function_unknown", "variable_unset"}
    assert not silent & dict(found(data, Facts())).keys()
    assert {"form_unknown", "role_unknown", "service_unknown", "function_unknown"} <= dict(found(data)).keys()
