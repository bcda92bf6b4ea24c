"""Whether a conversation still gets anywhere: what goes round in circles, or cannot end well, ends.

It is decided by what is said and called again word for word while nothing changes, and by the
state: a write that nobody wanted stays made, so the wanted final state is out of reach. Without it
a model that repeats a sentence is paid for to the last message that is allowed.
"""

from collections import Counter
from collections.abc import Mapping

from generators.dialogue.roles import RoleFailure
from schemas.canonical import canonical_json
from schemas.message import Call, ToolMessage
from schemas.task import Task
from schemas.tool import ToolSpec

MOST_ALIKE = 3
"""The same words of one speaker, or the same call with the same answer: then nobody gets on."""
_SHOWN = 120


class LeadsNowhereError(RoleFailure):
    """The message that was noted last shows it: nobody gets on from there."""


class Course:
    """What has been said and done so far, as far as it tells whether this leads anywhere."""

    def __init__(self, task: Task, tools: Mapping[str, ToolSpec]) -> None:
        self._writers = {name for name, tool in tools.items() if tool.writes}
        self._tools = tools
        self._wanted = [*task.calls]
        """Gold calls that are still to be made."""
        self._said: Counter[tuple[str, str]] = Counter()
        """Speaker and words → how often, since something was called."""
        self._called: Counter[tuple[str, str, str]] = Counter()
        """Tool, arguments and answer → how often, since something was written."""

    def hear(self, speaker: str, text: str) -> None:
        """Note what somebody says. Raises LeadsNowhereError where it is said again and again."""
        said = speaker, " ".join(text.casefold().split())
        self._said[said] += bool(text)
        if self._said[said] >= MOST_ALIKE:
            told = f"the {speaker} said {MOST_ALIKE} times: {text[:_SHOWN]!r}"
            raise LeadsNowhereError("repeated_message", told)

    def note(self, call: Call, answer: ToolMessage) -> None:
        """Note a call. Raises LeadsNowhereError where it is made in vain, or undoes the task."""
        self._said.clear()
        key = call.name, canonical_json(call.arguments)
        if call.name in self._writers and not answer.is_error:
            self._called.clear()
            tool = self._tools.get(call.name)
            made = [gold for gold in self._wanted
                    if gold.is_made_by(call.name, call.arguments, tool)]  # fmt: skip
            if not made:
                told = f"{call.name} was carried out, which nobody wanted so"
                raise LeadsNowhereError("goal_out_of_reach", told)
            self._wanted.remove(made[0])
        self._called[(*key, answer.content)] += 1
        if self._called[(*key, answer.content)] >= MOST_ALIKE:
            told = f"{call.name} was called {MOST_ALIKE} times with the same arguments and answer"
            raise LeadsNowhereError("repeated_call", told)
