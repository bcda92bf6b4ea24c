"""The prompts of the roles that a model plays: Jinja templates, and how they are filled in.

A template that is given too little fails; it never leaves a hole.
"""

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from data import resource, text
from schemas.canonical import content_hash

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = (
    "user.j2", "brief.j2", "history.j2",
    "judge.j2", "judge_turn.j2", "judge_user.j2", "judge_edges.j2", "complete_returns.j2",
    "complete_form.j2", "complete_domain.j2", "complete_tools.j2", "complete_repair.j2",
    "play_tool.j2", "rewrite.j2", "rewrite_conversation.j2", "rewrite_again.j2",
    "told_tools.j2",
)  # fmt: skip


def render(template: str, **values: Any) -> str:
    """Fill in one template. Raises jinja2.UndefinedError where a value is missing."""
    return _environment().get_template(template).render(**values).strip()


def prompts_hash() -> str:
    """Hash of all templates, as trajectories note it: another wording, another data set."""
    return content_hash({name: text(f"prompts/{name}") for name in TEMPLATES})


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # no scripted build needs it

    environment = Environment(
        loader=FunctionLoader(_source),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.filters["json"] = _json  # Jinja's own tojson escapes for HTML
    return environment


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _source(name: str) -> str | None:
    return text(f"prompts/{name}") if resource(f"prompts/{name}").is_file() else None
