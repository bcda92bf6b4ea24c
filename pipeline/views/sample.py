"""One trajectory as a notebook shows it: a conversation in HTML, without scripts, escaped."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined

from pipeline.views.conversation import Chat
from schemas.trajectory import Trajectory


@dataclass(frozen=True, repr=False)
class Sample:
    """A trajectory that shows itself."""

    trajectory: Trajectory

    @property
    def id(self) -> str:
        """The trajectory's id."""
        return self.trajectory.id

    def __repr__(self) -> str:
        """One line, where HTML is not shown."""
        fate = "accepted" if self.trajectory.accepted else "rejected"
        reasons = f" ({', '.join(self.trajectory.reasons)})" if self.trajectory.reasons else ""
        return f"<Sample {self.id} {self.trajectory.task.domain}: {fate}{reasons}>"

    def _repr_html_(self) -> str:
        """The conversation: self-contained, and readable on light and on dark."""
        template = _environment().get_template("sample.html.j2")
        return template.render(
            trajectory=self.trajectory, chat=Chat(self.trajectory), style=_text("sample.css")
        )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_text),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _text(name: str) -> str:
    return files("pipeline.views").joinpath(name).read_text(encoding="utf-8")
