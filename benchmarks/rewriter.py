"""A loopback rewriter: it paraphrases what it is given, and misbehaves to order.

It sees nothing but the request, as any model does. Values it says in other usual forms; a share of
the messages it spoils in ways that models do, and notes what it wrote there, so that a build can be
searched for it.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

from pipeline.chat.loopback import completion
from schemas.canonical import content_hash, derive_seed
from schemas.reading import MONTHS
from schemas.record import JsonObject

_LINE = re.compile(
    r"^\[(\d+)\] (user|assistant), ([^(:\n]+?)(?: \(([^)]*)\))?(?:: (\".*\"))?$", re.M
)
_TELLS = re.compile(r"^    tells: (\[.*\])$", re.M)
_WHEN = rf"(\d{{1,2}})(?:st|nd|rd|th) of ({'|'.join(MONTHS)})"
FORMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (rf"the {_WHEN}", (r"\1 \2", r"\2 \1", r"\2 \1")),
    (r"\b(\d{1,2}):(\d{2}) (am|pm)\b", (r"\1:\2\3", r"\1:\2 \3")),
    (r"(\d[\d,.]*\d|\d) euros\b", (r"€\1", r"\1 EUR", r"\1 euros")),
    (r"\bthree hours\b", ("3 hours", "three hours")),
    (r"^Could you please ", ("Would you ", "Can you ", "Please ")),
    (r"^I would like to ", ("I'd like to ", "I want to ", "Please ")),
    (r"^I would be grateful if you could ", ("It would help me if you could ", "Please ")),
    (r"\bI found ", ("Here is what I found: ", "I have found ")),
    (r"^Done\. I've ", ("I've ", "That's done: I've ")),
    (r"^All set: I've ", ("I've just ", "Done, I've ")),
    (r"^Just to confirm: I'll ", ("To be sure: I would ", "So I'm to ")),
    (r"Shall I go ahead\?$", ("Shall I do that?", "May I go ahead?")),
    (r"Is that right\?$", ("Is that what you want?", "Shall I?")),
    (r"Is there anything else\?$", ("Anything else I can help with?", "Is there anything else?")),
    (r"^(Let me check that|Checking that now|I'll look that up|Sure, let me see)\.$",
     ("Let me look.", "I'll see what there is.", "One moment.")),
    (r"\bbecause\b", ("as", "since")),
    (r"^(thanks|ok thanks, that's all|great, bye)$", ("thanks, bye", "cheers, that's all")),
    (r"^You're welcome!? .*", ("You're welcome. Goodbye!", "My pleasure. Take care!")),
)  # fmt: skip
"""Forms of the script → others for the same."""


class Line(NamedTuple):
    """A message as the prompt shows it."""

    number: int
    who: str
    act: str
    marks: tuple[str, ...]
    words: str
    tells: tuple[str, ...]


@dataclass
class Rewriter:
    """Answers requests for words; call it with the body of one."""

    share: float = 0.0
    """Of the messages that are spoilt."""
    seed: int = 0
    spoilt: dict[str, list[tuple[str, int, str]]] = field(default_factory=lambda: defaultdict(list))
    """Kind of spoiling → scripted words of the first message, number, and what was written."""
    requests: list[tuple[str, int]] = field(default_factory=list)
    """First words and prompt tokens of each request."""

    def __call__(self, request: JsonObject) -> JsonObject:
        """Answer with a chat completion. Raises LookupError for what asks for no words."""
        asked = [message["content"] for message in request["messages"]]
        if len(asked) < 2 or "# The conversation" not in asked[1]:
            raise LookupError("asks for no words")
        lines = {line.number: line for line in read_lines(asked[1])}
        opening = next((line.words for line in lines.values() if line.who == "user"), "")
        rng = Random(derive_seed(self.seed, content_hash(request, 24)))
        if len(asked) > 2:  # what was refused, once more
            told = asked[-1].rpartition("new words for ")[2]
            lines = {n: lines[n] for n in map(int, re.findall(r"\d+", told))}
        answer: dict[str, dict[str, str]] = {}
        for number, line in lines.items():
            if not line.marks:
                continue
            answer[str(number)] = {key: self._write(key, line, rng) for key in line.marks}
        content = self._spoil(answer, lines, opening, rng)
        made = completion({"content": content}, request)
        self.requests.append((opening, made["usage"]["prompt_tokens"]))
        return made

    def _write(self, key: str, line: Line, rng: Random) -> str:
        if key == "think":
            return "I have what I need for this step, so I do just that and nothing more."
        words = line.words
        for pattern, others in FORMS:
            if rng.random() < 0.8:
                words = re.sub(pattern, rng.choice(others), words)
        return words

    def _spoil(
        self,
        answer: dict[str, dict[str, str]],
        lines: Mapping[int, Line],
        opening: str,
        rng: Random,
    ) -> str:
        """The answer as text, with a share of its messages spoilt."""
        whole = [kind for kind in WHOLE if rng.random() < self.share / 4]
        for number, line in lines.items():
            if "say" not in line.marks or rng.random() >= self.share:
                continue
            said = answer[str(number)]["say"]
            fitting = {name: bad for name, one in KINDS.items() if (bad := one(line, said, rng))}
            if fitting:
                name = min(fitting, key=lambda kind: (len(self.spoilt[kind]), kind))
                answer[str(number)]["say"] = fitting[name]
                self.spoilt[name].append((opening, number, fitting[name]))
        if "missing" in whole:
            gone = rng.sample(sorted(answer), max(1, len(answer) // 4))
            self.spoilt["missing"] += [(opening, int(one), "") for one in gone]
            answer = {key: told for key, told in answer.items() if key not in gone}
        text = json.dumps(answer, ensure_ascii=False)
        if "broken" in whole:
            self.spoilt["broken"].append((opening, 0, ""))
            return text[: rng.randrange(len(text) // 2, len(text))]
        return text


def read_lines(prompt: str) -> Iterator[Line]:
    """The messages that a prompt shows."""
    found = [*_LINE.finditer(prompt)]
    for match, after in zip(found, [*found[1:], None], strict=True):
        rest = prompt[match.end() : after.start() if after else len(prompt)]
        tells = _TELLS.search(rest.split("\n[")[0])
        yield Line(
            int(match[1]), match[2], match[3],
            tuple((match[4] or "").split(" and ")) if match[4] else (),
            json.loads(match[5]) if match[5] else "",
            tuple(json.loads(tells[1])) if tells else (),
        )  # fmt: skip


Spoil = Callable[[Line, str, Random], str]
"""A message, good words, chance → bad words; empty where it does not fit."""


def _drop(line: Line, said: str, rng: Random) -> str:
    bare = {one: one.strip('“”"') for one in line.tells}
    # What is named twice, or within another, is not gone when one of them is.
    there = [one for one in bare if said.count(bare[one]) == 1
             and sum(bare[one] in other for other in bare.values()) == 1]  # fmt: skip
    return said.replace(rng.choice(there), "it") if there else ""


def _add(line: Line, said: str, rng: Random) -> str:
    del line
    new = ("It is 417.35 in all.", "That is for Quentin Abernathy.", "It is about “Blue Heron”.",
           "On the 9th of August, that is.", "The number is ZX-88417.", "At 3:47 am.")  # fmt: skip
    return f"{said} {rng.choice(new)}"


def _exchange(line: Line, said: str, rng: Random) -> str:
    """What is behind "from" stands behind "to", and the other way round."""
    del line, rng
    value = r"(“[^”]+”|#?[\w/@.-]*[\w/@]|the \d+\w\w of \w+)"
    match = re.search(rf"\bfrom {value} (to|into) {value}", said)
    other = re.search(rf"\b(into) {value} from {value}", said)
    if match and match[1] != match[3]:
        return said.replace(match[0], f"from {match[3]} {match[2]} {match[1]}")
    if other and other[2] != other[3]:
        return said.replace(other[0], f"into {other[3]} from {other[2]}")
    return ""


def _mix(line: Line, said: str, rng: Random) -> str:
    """Two rows of a list exchange a value."""
    del line, rng
    rows = [row for row in said.split("\n") if row.startswith("- ") and ", " in row]
    labelled = all(re.match(r"- [A-Z][\w ]*: ", row) for row in rows)
    for left, right in pairwise(rows) if not labelled else ():
        a, b = left.rpartition(", ")[2], right.rpartition(", ")[2]
        if a != b and a not in right and b not in left:
            new_left, new_right = left.removesuffix(a) + b, right.removesuffix(b) + a
            return said.replace(left, "\0").replace(right, new_right).replace("\0", new_left)
    return ""


def _ask(line: Line, said: str, rng: Random) -> str:
    del rng
    if line.who != "assistant" or line.act != "reports" or "?" in said:
        return ""
    return f"Do you want me to do this: {said.rstrip('.')}?"


def _tell(line: Line, said: str, rng: Random) -> str:
    """Done, where leave is asked for."""
    del rng
    asks = line.act == "asks before it does something"
    return f"Done. I've taken care of it: {' '.join(line.tells)}." if asks and said else ""


def _thank(line: Line, said: str, rng: Random) -> str:
    """A question becomes a goodbye."""
    del rng
    asks = line.act == "asks for what is missing"
    return f"You're welcome, goodbye. {' '.join(line.tells)}".strip() if asks and said else ""


def _promise(line: Line, said: str, rng: Random) -> str:
    tells = line.who == "assistant" and line.act == "reports"
    new = ("You'll get an e-mail with everything.", "A confirmation is on its way.")
    return f"{said} {rng.choice(new)}" if tells and "?" not in said else ""


def _wish(line: Line, said: str, rng: Random) -> str:
    """The user wants something else, too."""
    del rng
    settled = line.who == "user" and line.act in ("answers", "thanks and leaves")
    return f"{said.rstrip('.')}, and could you also tell me a joke?" if settled else ""


def _name(line: Line, said: str, rng: Random) -> str:
    """Another question than the one that is answered."""
    del rng
    asks = line.act == "asks for what is missing" and re.search(r"\b(the|which) \w{4,}", said, re.I)
    return "Sure. Which colour would you like?" if asks else ""


KINDS: dict[str, Spoil] = {
    "value dropped": _drop, "new value": _add, "wrong role": _exchange, "rows mixed": _mix,
    "question in place of a report": _ask, "done before the yes": _tell,
    "goodbye in place of a question": _thank, "a promise": _promise, "another wish": _wish,
    "another question": _name,
}  # fmt: skip
WHOLE = ("missing", "broken")
"""What befalls a whole answer."""


def summed(spoilt: Mapping[str, list[Any]]) -> str:
    """How often each kind struck."""
    return ", ".join(f"{name} {len(found)}" for name, found in sorted(spoilt.items())) or "none"
