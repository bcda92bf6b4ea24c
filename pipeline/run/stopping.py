"""How a build is asked to come to an end: what is open is played on, nothing new is begun."""

from collections.abc import Callable


class Stop:
    """Asked for by a person or a budget, heeded by whoever begins dialogues."""

    def __init__(self, tell: Callable[[str], None] = lambda _: None) -> None:
        self.asked = False
        self.reason = ""
        """Empty where a person has asked."""
        self.drains = False
        """Whether dialogues are played where this is heeded: else a signal cuts."""
        self._tell = tell

    def ask(self, reason: str = "") -> None:
        """Begin nothing more."""
        if not self.asked:
            self.asked, self.reason = True, reason
            if not reason:
                self._tell("Open dialogues are played to their end; Ctrl-C again cuts them")
