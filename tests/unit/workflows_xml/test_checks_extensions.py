"""What nothing reads is named: a misspelt extension, or one on an element that has no use for it."""

import pytest

from tests.unit.workflows_xml.drawing import end, flows, node, ours, problems, process, start

TASK = '<wm:form key="note"/><wm:assignment roles="clerk" region="region"/><wm:deadline working_days="5"/>'


def unread(kind: str, *inner: str) -> str | None:
    drawn = process(start(), node(kind, "job", ours(*inner)), end(), flows("begin > job > finish"))
    found = problems(drawn).get("extension_unread")
    return found.message if found else None


@pytest.mark.parametrize("inner", ["", "<wm:bulk/>", '<wm:cc roles="clerk" region="region"/>', "<wm:acknowledge/>"])
def test_what_a_persons_step_may_declare(inner: str) -> None:
    assert unread("userTask", TASK, inner) is None


def test_a_misspelt_extension_is_named_with_those_that_there_are() -> None:
    message = unread("userTask", TASK, '<wm:deadlines working_days="5"/>')
    assert message is not None
    assert "wm:deadlines" in message
    assert "deadline、" in message


@pytest.mark.parametrize(
    ("kind", "inner", "place"),
    [
        ("serviceTask", '<wm:deadline working_days="5"/>', "人工任务"),
        ("userTask", '<wm:service name="draw"/>', "服务任务"),
        ("manualTask", '<wm:outcome status="done"/>', "结束事件"),
        ("userTask", '<wm:clock working_days="60"/>', "流程本身"),
    ],
)
def test_an_extension_where_nothing_reads_it_says_where_it_belongs(kind: str, inner: str, place: str) -> None:
    message = unread(kind, inner)
    assert message is not None
    assert place in message


def test_a_misspelt_attribute_is_named_with_those_that_there_are() -> None:
    drawn = process(
        start(), node("userTask", "job", ours('<wm:form kay="note"/>')), end(), flows("begin > job > finish")
    )
    message = problems(drawn)["attribute_unread"].message
    assert "“kay”" in message
    assert "key" in message
