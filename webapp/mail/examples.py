"""What previews and test mails of templates are about: an invented person and case."""

from datetime import datetime, timedelta
from uuid import UUID

from webapp.mail.builders import EXAMPLE_TASK
from webapp.mail.content import About, Action, Content, Matter, Person
from webapp.mail.kinds import Kind, kinds

_TASK = UUID(EXAMPLE_TASK)


def example_about(now: datetime) -> About:
    """Somebody with a task that is a little late."""
    matter = Matter(
        instance_id=1,
        number="SB2026-000001",
        title="某市第一中学 · 市级文明单位",
        unit="某市第一中学",
        task_id=_TASK,
        task_name="县级初审",
        task_status="open",
        due_at=now - timedelta(days=4),
        is_candidate=True,
    )
    choices = (Action("通过", "/tasks"), Action("退回修改", "/tasks"))
    return About(Person(0, "张三", "某县文明办", "zhangsan@example.org"), matter, choices, {EXAMPLE_TASK: choices})


def example_content(kind: Kind, now: datetime) -> Content:
    """What a message of that kind says of the example."""
    about = example_about(now)
    told = about if kind.offers_choices else About(about.person, about.matter)
    return kind.build(kind.example, told, now)


def every_example(now: datetime) -> list[tuple[Content, Person]]:
    """One message of every kind."""
    return [(example_content(kind, now), example_about(now).person) for kind in kinds().values()]
