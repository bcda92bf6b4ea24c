"""How a message begins and looks in the style of who says it."""

from generators.language.phrase import Phrase
from generators.language.scene import Scene
from generators.lexicon.names import capital

_PLAIN = 0.45
"""Share of later requests that begin without a word about what came before."""
_NEVER_LOWER = ("I", "I'm", "I'd", "I've")


def opened(scene: Scene, number: int, body: Phrase, opener: str | None = None) -> Phrase:
    """With a greeting, or a word that leads on from what came before: ``opener``, if given."""
    if opener is None:
        done = number > 0 and scene.task.turns[number - 1].outcome == "complete"
        key = "open" if number == 0 else "next" if done else "next_after_no"
        plain = done and scene.rng.random() < _PLAIN
        opener = "" if plain else scene.grammar.pick(key, scene.style, scene.rng)
    if opener and opener.rstrip()[-1] not in ".!?":
        body = Phrase(_lower_first(body), body.mentions)
    return opener + body


def _lower_first(phrase: Phrase) -> str:
    text = phrase.text
    first = text.split(" ", 1)[0]
    if first in _NEVER_LOWER or any(text.startswith(one.span) for one in phrase.mentions):
        return text
    return text[:1].lower() + text[1:]


def styled(scene: Scene, phrase: Phrase) -> Phrase:
    """Terse people do without capitals and full stops, now and then."""
    if scene.style != "terse" or scene.rng.random() < 0.4:
        return Phrase(capital(phrase.text), phrase.mentions) if not phrase.mentions else phrase
    text = _lower_first(phrase)
    if text.endswith(".") and not any(m.span.endswith(".") for m in phrase.mentions):
        text = text[:-1]
    return Phrase(text, phrase.mentions)
