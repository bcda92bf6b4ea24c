"""The prompts of all roles that a model plays: Jinja templates, and how they are filled in.

A template that is given too little fails; it never leaves a hole. A folder of one's own may put
others in the place of any.
"""

import json
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import resource, text
from schemas.canonical import content_hash
from schemas.errors import InputError

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = (
    "user.j2", "user_invents.j2", "brief.j2", "wish.j2", "history.j2",
    "writer.j2", "writer_task.j2", "writer_again.j2", "reviewer.j2", "reviewer_wish.j2",
    "judge.j2", "judge_conversation.j2", "judge_edges.j2",
    "complete_returns.j2", "complete_form.j2", "complete_domain.j2", "complete_tools.j2",
    "complete_repair.j2", "play_tool.j2", "rewrite.j2", "rewrite_conversation.j2",
    "rewrite_again.j2", "told_tools.j2", "hint.j2", "manner.j2",
)  # fmt: skip
"""All of them, beside those that they include."""


@dataclass(frozen=True)
class Prompts:
    """All templates, some of them perhaps somebody's own."""

    own: tuple[tuple[str, str], ...] = ()
    """Name and text of each that takes the place of a shipped one."""

    def render(self, template: str, **values: Any) -> str:
        """Fill in one template. Raises jinja2.UndefinedError where a value is missing."""
        return _environment(self.own).get_template(template).render(**values).strip()

    @cached_property
    def hash(self) -> str:
        """As trajectories note it: another wording, another data set."""
        texts = {name: text(f"prompts/{name}") for name in TEMPLATES}
        return content_hash(texts | dict(self.own))


SHIPPED = Prompts()


def read_prompts(folder: Path | None) -> Prompts:
    """The prompts with those of a folder in their place. Raises InputError in a line."""
    if folder is None:
        return SHIPPED
    from jinja2 import TemplateSyntaxError  # no scripted build needs it

    if not folder.is_dir():
        raise InputError("is no folder of prompts", file=str(folder))
    own = []
    for path in sorted(folder.glob("*.j2")):
        if path.name not in TEMPLATES:
            problem = f"is no prompt; those are {', '.join(TEMPLATES)}"
            raise InputError(problem, file=str(path))
        own.append((path.name, path.read_text(encoding="utf-8")))
    if not own:
        raise InputError(f"holds none of {', '.join(TEMPLATES)}", file=str(folder))
    prompts = Prompts(tuple(own))
    for name, _ in own:
        try:
            _environment(prompts.own).get_template(name)
        except TemplateSyntaxError as error:
            place = f"line {error.lineno}: {error.message}"
            raise InputError(place, file=str(folder / name)) from error
    return prompts


def render(template: str, **values: Any) -> str:
    """Fill in one shipped template. Raises jinja2.UndefinedError where a value is missing."""
    return SHIPPED.render(template, **values)


@cache
def _environment(own: tuple[tuple[str, str], ...]) -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # no scripted build needs it

    texts = dict(own)
    environment = Environment(
        loader=FunctionLoader(lambda name: texts.get(name) or _source(name)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    # Jinja's own tojson escapes for HTML.
    environment.filters["json"] = partial(json.dumps, ensure_ascii=False)
    return environment


def _source(name: str) -> str | None:
    return text(f"prompts/{name}") if resource(f"prompts/{name}").is_file() else None
