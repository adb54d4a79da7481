"""Acts that ask somebody of ours to do something."""

from collections.abc import Callable
from datetime import timedelta

from outreach.conversations.acting import ActContext, Done
from outreach.conversations.acts_of_people import duration_of
from outreach.conversations.effects import Act
from outreach.conversations.fitting import moment_named
from outreach.conversations.models import TaskKind
from outreach.conversations.signals import ActResult
from outreach.conversations.tasks import CALLBACK, ToDo, add_task

WITHIN = timedelta(hours=24)


def _ask(kind: TaskKind | None) -> Callable[[Act, ActContext], Done]:
    def run(act: Act, context: ActContext) -> Done:
        within = duration_of(act.given["within"]) if "within" in act.given else WITHIN
        # A call is made when they said that they can be called.
        named = moment_named(context.memory.get("availability"), context.zone, context.now) if kind else None
        todo = ToDo(
            kind=kind or TaskKind(str(act.given.get("kind", TaskKind.OTHER))),
            because=str(act.given["because"]),
            due_at=named or context.now + within,
            owner=str(act.given.get("owner") or context.organizer),
            person_id=context.person.id,
            number_id=context.number.id,
            conversation_id=context.conversation.id,
            text_id=context.text.id if context.text else None,
            asked_for=context.conversation.flow == CALLBACK,
        )
        task = add_task(context.session, todo, context.now)
        return Done(ActResult("noted", {"deadline": task.due_at.isoformat()}))

    return run


TASK_ACTS: dict[str, Callable[[Act, ActContext], Done]] = {"task": _ask(None), "call task": _ask(TaskKind.CALL)}
