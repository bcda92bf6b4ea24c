"""Which act a model's words amount to, told from the words and from what came before them.

An estimate for labels and statistics: a model does not say what it is doing. No check may lean on
an act of a model alone.
"""

import re
from collections.abc import Iterable
from itertools import takewhile

from schemas.message import (
    AssistantAct,
    AssistantMessage,
    Message,
    ToolMessage,
    UserAct,
    UserMessage,
)
from schemas.task import TaskTurn
from schemas.twists import SmallTalk, Unknown, Vague, Withheld, has_twist

_WORDS = re.IGNORECASE
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_OFFER = re.compile(
    r"\b(anything|something|what) else\b|\b(can|may|could) I (help|assist)\b"
    r"|\bneed (any|further|more) (help|assistance)\b|\blet me know if\b|\binstead\?",
    _WORDS,
)
_CONFIRM = re.compile(
    r"\b(shall|should|may|can|could) (I|we)\b|\b(do|would) you (want|like) me to\b"
    r"|\b(go ahead|proceed|confirm|happy with|okay with|ok with|sound (good|right)|sounds good)\b"
    r"|\b(is|are|was) (that|this|it|all|everything|these) ?(all )?(right|correct|okay|ok|fine)\b"
    r"|\b(is|was) (that|this|it) what you (want|wanted|meant|mean)\b|\byes or no\b"
    r"|\b(correct|right|okay|ok|yes|agree|agreed)\?$",
    _WORDS,
)
_WHICH = re.compile(
    r"\b(which|what|who|when|where|how)\b.*\b(shall|should|may|can|could) (I|we)\b"
    r"|\b(may|can|could) (I|we) (have|get|ask|know)\b"
    r"|^\W*(which|what) .*\b(do|would) you (want|like) me to\b",
    _WORDS,
)
_ASK = re.compile(
    r"\bplease (provide|share|tell|give|specify|send|choose|pick)\b"
    r"|\blet me know (which|what|who|when|where|how|the|your)\b"
    r"|\b(I|I'll|I'd|we) (just |still |also )?need\b",
    _WORDS,
)
_CANNOT = re.compile(
    r"\b(can't|cannot|can not|couldn't|unable|not able)\b"
    r"|\b(no way|no tool|not something I|don't have (a|any|the))\b"
    r"|\bnothing (that )?I can\b|\b(I'm|I am) (sorry|afraid)\b"
    r"|\b(outside|beyond) (of )?(what|my|the)\b|\bnot (possible|supported|available)\b",
    _WORDS,
)
_HAND_OVER = re.compile(
    r"\b(transferring|transferred|transfer|hand(?:ing|ed)?|pass(?:ing|ed)?|connect(?:ing|ed)?"
    r"|escalat(?:e|ing|ed)) (?:you|this|that|it|your \w+)\b",
    _WORDS,
)
_PERSON = re.compile(r"\b(person|human|colleague|agent|team|specialist|representative)s?\b", _WORDS)
_WILL_NOT = re.compile(
    r"\bI('m| am)? (can't|cannot|can not|unable to|not able to|not allowed to)"
    r" (?!find\b|see\b|tell\b|say\b)|\b(that|this|it)('s| is) not (possible|allowed)\b",
    _WORDS,
)
"""Of what is not done, rather than not known."""
_FAREWELL = re.compile(
    r"\b(you're|you are) (very |most )?welcome\b|\bgoodbye\b|\btake care\b|\bhave a \w+"
    r"|\bmy pleasure\b|\b(glad|happy) (I|to)\b|\bany ?time\b",
    _WORDS,
)
_THANKS = re.compile(
    r"\b(thanks|thank you|thx|cheers|bye|goodbye|that's all|that is all|that's (it|everything)"
    r"|that is everything|(that'll|that will) be all|nothing else|all set"
    r"|have a \w+ (day|one|evening)|perfect|great)\b",
    _WORDS,
)
_BYE = re.compile(r"\b(good)?bye\b", _WORDS)
_WANT = re.compile(
    r"\?|\b(also|next|another|please|need|want|could|can you|(I'd|would) like)\b", _WORDS
)
_NO_IDEA = re.compile(
    r"\b(don't|do not|didn't|couldn't|can't|cannot) (really |actually |quite |think I )?"
    r"(know|have|remember|recall|tell|say|find)\b|\bhow should I know\b|\bnever wrote\b"
    r"|\bno (idea|clue)\b|\bnot (really |quite )?sure\b|\bunsure\b",
    _WORDS,
)
_CHANGE = re.compile(
    r"\b(actually|instead|I meant|rather|correction|my mistake|I misspoke|make (that|it)"
    r"|change (that|it|the)|not .{1,40} but)\b",
    _WORDS,
)
_ANOTHER = re.compile(
    r"\b(make|change|should be|prefer|rather|instead|actually|wrong|correction|I want|could the)\b",
    _WORDS,
)
_AGREED = re.compile(
    r"\b(yes|yep|yeah|go ahead|go on|go for it|do it|proceed|confirm|sounds (good|great)"
    r"|that's the one)\b|^\W*(ok|okay|sure|right|correct|fine|perfect|exactly)\b|\bis right\b",
    _WORDS,
)
_YES = re.compile(
    r"^\W*(yes|yep|yeah|yup|sure|ok|okay|correct|right|exactly|please do|go ahead|do it|confirmed?"
    r"|absolutely|of course|sounds good|that's (right|correct|fine)|looks (good|right)"
    r"|fine|perfect)\b",
    _WORDS,
)
_NO = re.compile(r"^\W*(no|nope|nah|don't|do not|stop|cancel that|wait|hold on|not yet)\b", _WORDS)
_CHOICE = re.compile(
    r"\b(the|take|pick|choose) (first|second|third|fourth|fifth|last|cheapest|cheaper"
    r"|earliest|earlier|latest|later|other|top) ?(one|option)?\b"
    r"|\bthat one\b|\bI'll (take|go (for|with))\b",
    _WORDS,
)


def assistant_act(text: str, messages: tuple[Message, ...], may_write: bool) -> AssistantAct:
    """Tell what an assistant's message without calls does.

    ``may_write``: a write is among the offered tools, so that a question may ask for its leave.
    """
    said = [part for part in _sentences(text) if not _OFFER.search(part)]
    asked = [part for part in said if part.endswith("?")]
    if asked:
        leave = [part for part in asked if not _WHICH.search(part)]
        return "confirm" if may_write and any(map(_CONFIRM.search, leave)) else "clarify"
    # Who it is handed to may be said beside it.
    if any(map(_HAND_OVER.search, said)) and any(map(_PERSON.search, said)):
        return "transfer"
    if results := _results_since_user(messages):
        regrets = any(map(_CANNOT.search, said))
        # A tool that has failed, and has not succeeded since, whatever was looked up after it.
        last = {result.name: result for result in results}
        failed = any(result.is_error for result in last.values())
        if results[-1].is_error or (regrets and failed):
            return "report_failure"
        return "refuse" if any(map(_WILL_NOT.search, said)) else "report"
    users = [message for message in messages if isinstance(message, UserMessage)]
    if users and users[-1].act == "thank":  # nothing is asked for, so nothing is declined
        return "close"
    order: tuple[tuple[re.Pattern[str], AssistantAct], ...] = (
        (_ASK, "clarify"),
        (_CANNOT, "refuse"),
        (_FAREWELL, "close"),
    )
    return next((act for pattern, act in order if any(map(pattern.search, said))), "say")


def call_act(calls: Iterable[tuple[str, object]], messages: tuple[Message, ...]) -> AssistantAct:
    """Tell ``retry`` where one of the (name, arguments) has just failed, otherwise ``call``."""
    failed = {message.call_id for message in _results_since_user(messages) if message.is_error}
    tried = [
        (call.name, call.arguments)
        for message in messages
        if isinstance(message, AssistantMessage)
        for call in message.calls
        if call.id in failed
    ]
    return "retry" if any(call in tried for call in calls) else "call"


def _results_since_user(messages: tuple[Message, ...]) -> list[ToolMessage]:
    """Results after the user's last words, oldest first."""
    since = takewhile(lambda message: not isinstance(message, UserMessage), reversed(messages))
    return [message for message in since if isinstance(message, ToolMessage)][::-1]


def opening_act(turn: TaskTurn) -> UserAct:
    """Tell what the first message about one thing does, from the blueprint."""
    if turn.outcome == "refuse" and not turn.calls:
        return "unsupported_request"
    if has_twist(turn, SmallTalk):
        return "chat"
    if has_twist(turn, Vague):
        return "vague_request"
    return "partial_request" if has_twist(turn, Withheld, Unknown) else "request"


def answer_act(text: str, asked: AssistantAct) -> UserAct:
    """Tell what a later message of the user does, after the assistant did ``asked``."""
    words = _QUOTED.sub("", text)
    short = len(words.split()) <= 3  # "of course, on Friday" answers, and does not affirm
    tells: tuple[tuple[object, UserAct], ...]
    if asked == "confirm":
        tells = (
            (_ANOTHER.search(words), "correct"),
            (_CHANGE.search(words), "correct"),
            (_AGREED.search(words), "affirm"),
            (_NO.search(words), "negate"),
        )
    else:
        tells = (
            (_NO_IDEA.search(words), "unable_to_inform"),
            (_CHANGE.search(words), "correct"),
            (only_thanks(words), "thank"),
            (short and _YES.search(words), "affirm"),
            (_CHOICE.search(words), "choose"),
        )
    return next((act for found, act in tells if found), "inform")


def _sentences(text: str) -> list[str]:
    """Part the text, without what it quotes: titles may ask questions too."""
    return [part.strip() for part in _SENTENCE.findall(_QUOTED.sub("", text)) if part.strip()]


def wants_more(text: str) -> bool:
    """Tell whether the words ask for something."""
    return bool(_WANT.search(_QUOTED.sub("", text)))


def only_thanks(text: str) -> bool:
    """Tell whether the words thank or take leave and want nothing."""
    parts = _sentences(text)
    leaves = bool(parts and _BYE.search(parts[-1]))
    return bool(_THANKS.search(text)) and all(
        (leaves or _THANKS.search(part) or len(part.split()) <= 4) and not _WANT.search(part)
        for part in parts
    )
