"""An endpoint that misbehaves to order: `Unruly` answers as another does, but for some replies.

Each way of misbehaving is one that real endpoints and models have. Which replies are hit follows
from the seed and the request, so that a run can be repeated; a request that is asked again may be
answered well, as in life.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from generators.dialogue.model_roles import HINT
from pipeline.chat.loopback import Answer, Response, failure
from schemas.canonical import content_hash, derive_seed
from schemas.record import JsonObject

Bend = Callable[[JsonObject, Random], JsonObject | Response]
"""A good answer → a bad one, or the same where there is nothing to bend."""
SECONDS_OF_A_HANG = 3600.0


def _of(answer: JsonObject) -> JsonObject:
    """The message of an answer."""
    message: JsonObject = answer["choices"][0]["message"]
    return message


def _changed(answer: JsonObject, finish: str | None = None, **message: object) -> JsonObject:
    choice = answer["choices"][0]
    choice = choice | {"message": choice["message"] | message}
    return answer | {"choices": [choice | ({"finish_reason": finish} if finish else {})]}


def _with_calls(
    answer: JsonObject, change: Callable[[JsonObject], JsonObject | Sequence[JsonObject]]
) -> JsonObject:
    """The answer with each call changed; as it is where it has none."""
    calls: list[JsonObject] = []
    for call in _of(answer).get("tool_calls") or ():
        made = change(call)
        calls += [made] if isinstance(made, dict) else made
    return _changed(answer, tool_calls=calls) if calls else answer


def _function(call: JsonObject, **changes: object) -> JsonObject:
    return call | {"function": call["function"] | changes}


def _body(answer: JsonObject) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode()


def _truncated(answer: JsonObject, rng: Random) -> Response:
    body = _body(answer)
    return Response(body=body[: rng.randrange(len(body))])


def _length(answer: JsonObject, rng: Random) -> JsonObject:
    text = _of(answer).get("content") or ""
    calls = _with_calls(
        answer, lambda call: _function(call, arguments=call["function"]["arguments"][:5])
    )
    return _changed(calls, "length", content=text[: rng.randrange(len(text) + 1)])


def _unknown_tool(answer: JsonObject, _rng: Random) -> JsonObject:
    return _with_calls(answer, lambda call: _function(call, name="do_it_all"))


def _unreadable_arguments(answer: JsonObject, _rng: Random) -> JsonObject:
    return _with_calls(
        answer, lambda call: _function(call, arguments=call["function"]["arguments"] + "}")
    )


def _invalid_arguments(answer: JsonObject, _rng: Random) -> JsonObject:
    def spoilt(call: JsonObject) -> JsonObject:
        arguments = json.loads(call["function"]["arguments"])
        return _function(call, arguments=json.dumps({name: [None] for name in arguments}))

    return _with_calls(answer, spoilt)


def _invented(answer: JsonObject, rng: Random) -> JsonObject:
    def invent(call: JsonObject) -> JsonObject:
        arguments = json.loads(call["function"]["arguments"])
        told = {
            name: f"{value}-{rng.randrange(1000)}" if isinstance(value, str) else value
            for name, value in arguments.items()
        }
        return _function(call, arguments=json.dumps(told))

    return _with_calls(answer, invent)


def _refusal(answer: JsonObject, _rng: Random) -> JsonObject:
    return _changed(answer, content=None, tool_calls=None, refusal="I'm sorry, I can't do that.")


def _text_for_call(answer: JsonObject, _rng: Random) -> JsonObject:
    if not _of(answer).get("tool_calls"):
        return answer
    return _changed(answer, "stop", content="Done! That is all set for you.", tool_calls=None)


def _call_in_text(answer: JsonObject, _rng: Random) -> JsonObject:
    calls = [call["function"] for call in _of(answer).get("tool_calls") or ()]
    told = "\n".join(f"<tool_call>{json.dumps(call)}</tool_call>" for call in calls)
    return _changed(answer, "stop", content=told, tool_calls=None) if calls else answer


def _prose(answer: JsonObject, _rng: Random) -> JsonObject:
    text = _of(answer).get("content") or ""
    if not text.startswith("{"):
        return answer
    return _changed(answer, content=f"Sure, here is my judgement:\n{text}\nI hope this helps!")


KINDS: dict[str, Bend] = {
    "429_without_retry_after": lambda *_: failure(429, "too many requests"),
    "429_with_retry_after": lambda *_: failure(429, "too many requests", after=0.02),
    "500": lambda *_: failure(500, "internal error"),
    "503": lambda *_: failure(503, "overloaded"),
    "hang": lambda answer, _: Response(body=_body(answer), delay=SECONDS_OF_A_HANG),
    "reset": lambda answer, _: Response(body=_body(answer), cut=True),
    "truncated_json": _truncated,
    "wrong_shape": lambda answer, _: {"object": "chat.completion", "output": [_of(answer)]},
    "empty_choices": lambda answer, _: answer | {"choices": []},
    "error_inside": lambda *_: {
        "error": {"message": "the provider returned an error", "code": 502}
    },
    "context": lambda *_: failure(
        400, "the request exceeds the available context size (8192 tokens)"
    ),
    "length": _length,
    "content_filter": lambda answer, _: _changed(
        answer, "content_filter", content=None, tool_calls=None
    ),
    "empty_reply": lambda answer, _: _changed(answer, content="", tool_calls=None),
    "unknown_tool": _unknown_tool,
    "unreadable_arguments": _unreadable_arguments,
    "invalid_arguments": _invalid_arguments,
    "invented_ids": _invented,
    "refusal": _refusal,
    "text_instead_of_a_call": _text_for_call,
    "call_in_text": _call_in_text,
    "duplicate_ids": lambda answer, _: _with_calls(answer, lambda call: (call, call)),
    "prose_around_json": _prose,
}
"""Name → how a good answer is spoilt."""


class Unruly:
    """Answers as ``answer`` does, and misbehaves in a ``share`` of the replies."""

    def __init__(
        self,
        answer: Answer,
        kinds: Sequence[str],
        share: float = 0.2,
        seed: int = 0,
        heeds: bool = False,
    ) -> None:
        """``kinds``: of `KINDS`; which one strikes is drawn. Raises KeyError for another.

        ``heeds``: what comes with a hint about a reply that was turned down is answered well.
        """
        self._answer, self._share, self._seed, self._heeds = answer, share, seed, heeds
        self._bends = [KINDS[kind] for kind in kinds]
        self._asked: Counter[str] = Counter()
        self.struck = 0
        """Replies that were spoilt."""

    def __call__(self, request: JsonObject) -> JsonObject | Response:
        """Answer, well or badly. Raises LookupError where the good one has no answer."""
        key = content_hash(request, 24)
        self._asked[key] += 1
        rng = Random(derive_seed(self._seed, key, self._asked[key]))
        answer = self._answer(request)
        if isinstance(answer, Response) or rng.random() >= self._share:
            return answer
        if self._heeds and HINT in str((request.get("messages") or [{}])[-1].get("content")):
            return answer
        bent = rng.choice(self._bends)(answer, rng)
        self.struck += bent is not answer
        return bent
