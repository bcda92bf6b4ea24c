"""Words that results do not bear out: a claim, a figure, or something of weight that is missing."""

import re
from collections.abc import Iterator
from datetime import datetime
from random import Random

from generators.errors.draft import Draft, Kind, draw_words
from generators.errors.ground import Ground, shuffled
from schemas.message import AssistantMessage
from schemas.reading import tells

_NUMBER = re.compile(r"(?<![\w.,:/-])\d{2,}(?:\.\d+)?(?![\w,:/%-]|\.\d)")
_TRIES = 100


def _unheard(ground: Ground, rng: Random) -> int | None:
    """A number that nobody and nothing gives; None where a long conversation has them all."""
    words = ground.words
    for _ in range(_TRIES):
        if str(number := rng.randint(201, 997)) not in words:
            return number
    return None


def _say(
    position: int, right: AssistantMessage, text: str, code: str | None, nudge: str = ""
) -> Draft:
    return Draft(
        decision=position, resume=position + 1, code=code, act=right.act, text=text, nudge=nudge,
    )  # fmt: skip


def _add(text: str, sentence: str) -> str:
    """One sentence more: on a line of its own behind a list."""
    joint = "\n" if "\n" in text else " "
    return f"{text}{joint}{sentence}"


def _claim(ground: Ground, rng: Random) -> Iterator[Draft]:
    for position, right in ground.reports(rng, "report"):
        words, number = draw_words(rng, "unsupported_claim", "said"), _unheard(ground, rng)
        if number is None:
            return
        claim = words.format(n=number)
        text, nudge = _add(right.text, claim), draw_words(rng, "unsupported_claim", "answer")
        yield _say(position, right, text, "unfaithful_number", nudge)


UNSUPPORTED = Kind(
    "unsupported_claim",
    "a statement that nothing bears out",
    "Part of what the user was told stands in no result.",
    _claim,
)


def _misread(ground: Ground, rng: Random) -> Iterator[Draft]:
    for position, right in ground.reports(rng, "report"):
        for found in shuffled(rng, [*_NUMBER.finditer(right.text)]):
            if re.fullmatch(r"(?:19|20)\d\d", found[0]):
                continue
            number = _unheard(ground, rng)
            if number is None:
                return
            text = right.text[: found.start()] + str(number) + right.text[found.end() :]
            yield _say(
                position,
                right,
                text,
                "unfaithful_number",
                draw_words(rng, "misread_result", "answer"),
            )


MISREAD = Kind(
    "misread_result",
    "a figure of a result is told otherwise",
    "A figure was told that is not the one in the result.",
    _misread,
)


def _withhold(ground: Ground, rng: Random) -> Iterator[Draft]:
    clock = datetime.fromisoformat(ground.clean.task.clock)
    for must in shuffled(rng, ground.clean.task.acceptance.must_say):
        said = [
            (n, one) for n, one in enumerate(ground.clean.messages)
            if isinstance(one, AssistantMessage) and one.turn >= must.turn
            and tells(one.text, must.value, clock)
        ]  # fmt: skip
        if len(said) == 1 and not said[0][1].calls:
            position, right = said[0]
            yield _say(position, right, draw_words(rng, "value_withheld", "said"), "value_not_told")


WITHHELD = Kind(
    "value_withheld",
    "what the user has to know is not told",
    "The user was not told a value that they need.",
    _withhold,
)


def _hide(ground: Ground, rng: Random) -> Iterator[Draft]:
    turns = ground.clean.task.turns
    for position, right in ground.reports(rng, "report_failure"):
        known = right.turn < len(turns) and turns[right.turn].outcome == "fail"
        others = [n for n, one in ground.reports(rng, "report_failure")
                  if one.turn == right.turn and n != position]  # fmt: skip
        last = ground.last_words(right.turn)
        if known and not others and last is not None and last[0] == position:
            said = right.model_copy(update={"act": "report"})
            nudge = draw_words(rng, "undisclosed_failure", "answer")
            yield _say(
                position,
                said,
                draw_words(rng, "undisclosed_failure", "said"),
                "undisclosed_failure",
                nudge,
            )


HIDDEN = Kind(
    "undisclosed_failure",
    "a failure that lasts is not admitted",
    "The service failed for good, and the user was not told.",
    _hide,
)


def _leak(ground: Ground, rng: Random) -> Iterator[Draft]:
    for step in ground.drawn(rng):
        last = ground.last_words(step.message.turn)
        if last is None or last[1].act != "report" or "_" not in step.call.name:
            continue
        text = _add(
            last[1].text, draw_words(rng, "leaked_name", "said").format(tool=step.call.name)
        )
        yield _say(*last, text, "raw_tool_name")


LEAKED = Kind(
    "leaked_name",
    "the user is told the name of a tool",
    "A name that only programs use was told to the user.",
    _leak,
)
