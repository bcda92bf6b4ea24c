"""What the assistant says where a rule of the policy forbids what is asked for."""

from generators.language.report import deed
from generators.language.scene import Scene
from generators.lexicon.names import label
from generators.lexicon.nouns import is_plural
from generators.lexicon.tenses import deed_in
from schemas.policy import PolicyRule
from schemas.semantic import SemanticType


def declined(scene: Scene, call: int) -> str:
    """What cannot be done, and by which rule."""
    turn = next(n for n in range(len(scene.task.turns)) if call in scene.numbers(n))
    reason = scene.task.turns[turn].reason
    rule = next((one for one in scene.task.rules if one.sentence == reason), None)
    why = _why(scene, call, rule) if rule else ""
    if not why:
        return scene.grammar.compose("bar_plain", "any", scene.rng, wish=deed(scene, call)).text
    return scene.grammar.compose("bar", "any", scene.rng, wish=deed(scene, call), why=why).text


def _why(scene: Scene, call: int, rule: PolicyRule) -> str:
    name = label(rule.path)
    if rule.aspect in ("days_since", "days_until"):
        days = f"{rule.limit} {'day' if rule.limit == 1 else 'days'}"
        away = f"less than {days} away" if rule.aspect == "days_until" else f"more than {days} ago"
        return f"it was {done} {away}" if (done := deed_in(name)) else f"the {name} is {away}"
    if rule.comparison == "is_not":
        return f"the {name} is {scene.tell(rule.limit, 'enum')}"
    semantic, description = _meaning(scene, call, rule)
    limit = scene.tell(rule.limit, semantic, description)
    if is_plural(name):
        return f"that would be more than {limit} {name}"
    return f"the {name} is more than {limit}"


def _meaning(scene: Scene, call: int, rule: PolicyRule) -> tuple[SemanticType, str]:
    """What the figure is, and the words that tell its unit."""
    if rule.aspect == "argument":
        parameter = scene.model(call).parameter(rule.path)
        return parameter.semantic, str(parameter.schema.get("description", ""))
    field = scene.world.entities[rule.table].fields[rule.path]
    return field.semantic, str(field.schema.get("description", ""))
