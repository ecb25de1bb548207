"""Which acts a person may do on a task, for its page and the API; the acts themselves check again."""

from webapp.access import Actor
from webapp.acts.rules import has_fixed_list
from webapp.definitions.library import Published
from webapp.instances.models import Instance
from webapp.tasks.models import Task


def acts_on(published: Published, actor: Actor, instance: Instance, task: Task, *, mine: bool) -> list[str]:
    """The names of the acts, as the API has them in its addresses."""
    told = ["cc", "comments"]
    if task.status != "open" or instance.status != "running":
        return told
    if not mine or task.claimed_by not in {None, actor.user_id}:
        return [*told, "nudge"]
    if task.request_id is not None:
        return [*told, "snooze"]
    back = ["return"] if instance.way.keys() & published.assignments.keys() else []
    handing = [] if task.waiting_signers else ["transfer"]
    adding = [] if has_fixed_list(published, task) else ["add-signer"]
    fewer = ["remove-signer"] if task.waiting_signers or task.item else []
    return [*told, "snooze", *handing, "delegate", *adding, *fewer, *back]
