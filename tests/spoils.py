"""The correct conversation, spoilt: for every reason code at least one way to earn it."""

from dataclasses import dataclass, field
from typing import Any

from schemas.check import EnvironmentFactory
from schemas.demand import Demand, Sight
from schemas.environment import CallOutcome
from schemas.message import (
    AssistantAct,
    AssistantMessage,
    Fault,
    FaultKind,
    FromContext,
    FromDefault,
    FromResult,
    Source,
    ToolMessage,
    UserMessage,
)
from schemas.policy import PolicyRule
from schemas.record import JsonObject
from schemas.task import (
    Acceptance,
    Assertion,
    CallPattern,
    FormatInstruction,
    MustSay,
    Outcome,
    Task,
    ToolDemand,
)
from schemas.trajectory import Roles, Trajectory
from tests.tampering import (
    drop,
    edit,
    edit_call,
    edit_source,
    edit_task,
    exchange_of,
    insert,
    say,
    swap,
)
from tests.trajectories import (
    BUSY,
    FAILED,
    FOUND,
    GOOD,
    OPEN,
    ORDER,
    PLACED,
    TASK,
    TOOLS,
    Shop,
    said,
)


@dataclass(frozen=True)
class Spoil:
    """A spoilt conversation, and the only code that the check at fault may give."""

    code: str
    trajectory: Trajectory
    environment: EnvironmentFactory | None = field(default=Shop)


class FullShop(Shop):
    """Begins with an order."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self._order(ORDER)

    def _order(self, arguments: JsonObject) -> CallOutcome:
        self.orders.pop("W-1001", None)
        return super()._order(arguments)


class ForgetfulShop(Shop):
    """Answers like the other, and keeps nothing."""

    def _order(self, arguments: JsonObject) -> CallOutcome:
        outcome = super()._order(arguments)
        self.forgotten, self.orders = self.orders, {}
        return outcome

    def _get(self, arguments: JsonObject) -> CallOutcome:
        return CallOutcome(content=self.forgotten[arguments["order_id"]])


class BrokenShop(Shop):
    """Cannot be called at all."""

    def call(self, name: str, arguments: JsonObject, fault: Fault | None = None) -> CallOutcome:
        raise ConnectionError("the shop is closed")


SYSTEM, ASK, SEARCHED, SHELF, REPORTED, CHOSE, CONFIRM, AFFIRM = range(8)
TRIED, FAULT, AGAIN, ANSWERED, DONE, ASKED, BATCH, FIRST, SECOND, TOLD, WISH, REFUSED = range(8, 20)


def _message(kind: type[Any], turn: int, **fields: Any) -> Any:
    return kind(index=0, turn=turn, timestamp="", **fields)


def _user(text: str = "And one more thing.", turn: int = 0) -> Any:
    return _message(UserMessage, turn, text=text, act="inform")


def _assistant(text: str = "I see.", turn: int = 0) -> Any:
    return _message(AssistantMessage, turn, text=text, act="say")


def _result(turn: int = 0, call_id: str = "c9") -> Any:
    return _message(ToolMessage, turn, call_id=call_id, name="search_products", content=FOUND)


def _arguments(
    position: int, number: int = 0, trajectory: Trajectory = GOOD, **changes: Any
) -> Trajectory:
    message = GOOD.messages[position]
    assert isinstance(message, AssistantMessage)
    arguments = {**message.calls[number].arguments, **changes}
    return edit_call(position, number, trajectory, arguments=arguments)


def _sourced(path: str, *sources: Source) -> Trajectory:
    return edit_source(AGAIN, path, *sources)


_second_order = exchange_of(AGAIN, "c9")
_other_order = exchange_of(AGAIN, "c9", arguments={**ORDER, "product_id": "p-47"}, provenance=())
_gone_order = exchange_of(AGAIN, "c9", arguments={**ORDER, "gift": True}, provenance=())
_gone = Assertion(table="orders", key=" ".join(map(str, ORDER.values())), row=None)
_failed = exchange_of(TRIED, "c9")
_wrong_write = tuple(message.model_copy(update={"turn": 3, **changes}) for message, changes in
                     zip(_failed, ({}, {"fault": None}), strict=True))  # fmt: skip


def leaving_open(kind: FaultKind, trajectory: Trajectory = GOOD) -> Trajectory:
    """The conversation in which the order fails otherwise before it is sent again."""
    content = FAILED.replace("rate_limited", kind)
    return edit(FAULT, trajectory, content=content, fault=Fault(kind=kind))


def ending(outcome: Outcome, act: AssistantAct = "refuse") -> Trajectory:
    """The conversation whose last turn should end otherwise, and ends with ``act``."""
    last = TASK.turns[3].model_copy(update={"outcome": outcome})
    return edit(REFUSED, edit_task(turns=(*TASK.turns[:3], last)), act=act)


def asserting(row: JsonObject | None, key: str = "W-1001") -> Trajectory:
    """The conversation with one demand on a row."""
    wanted = Assertion(table="orders", key=key, row=row)
    return edit_task(acceptance=Acceptance(assertions=(wanted,)))


def unasked(trajectory: Trajectory) -> Trajectory:
    """The same where nothing asks for a confirmation."""
    turns = tuple(turn.model_copy(update={"confirm": False}) for turn in TASK.turns)
    return edit_task(trajectory, turns=turns)


def modelled(trajectory: Trajectory) -> Trajectory:
    """The same from a model, of which nobody says what its words amount to."""
    roles = Roles(user="tiny", assistant="tiny")
    return trajectory.model_copy(update={"roles": roles})


def ending_early(trajectory: Trajectory) -> Trajectory:
    """The same without the last wish, and without what must be said."""
    return edit_task(drop(WISH, REFUSED, trajectory=trajectory), turns=TASK.turns[:3],
                     acceptance=Acceptance())  # fmt: skip


def formatting(rule: str) -> Trajectory:
    """The conversation with a demand on how the search's words are written."""
    asked = FormatInstruction(tool="search_products", parameter="query", rule=rule)
    return edit_task(formats=(asked,))


def demanding(of: str, **told: Any) -> Trajectory:
    """The conversation with a tool whose description demands something."""
    return edit_task(demands=(ToolDemand(tool=of, demand=Demand(**told)),))


STRUCTURE = (
    Spoil("bad_start", drop(SYSTEM)),
    Spoil("bad_start", insert(1, _assistant())),
    Spoil("bad_end", insert(20, _user(turn=3))),
    Spoil("bad_index", edit(SHELF, index=7)),
    Spoil("bad_turn", edit(DONE, turn=0)),
    Spoil("bad_turn", edit(REFUSED, turn=4)),
    Spoil("bad_timestamp", edit(SHELF, timestamp="a little later")),
    Spoil("bad_timestamp", edit(SHELF, timestamp="2026-03-02T09:03:00")),
    Spoil("time_runs_backwards", edit(SHELF, timestamp="2026-03-02T08:00:00+01:00")),
    Spoil("empty_message", say(AFFIRM, " ")),
    Spoil("empty_message", say(REPORTED, "")),
    Spoil("repeated_speaker", drop(AFFIRM)),
    Spoil("repeated_speaker", drop(CHOSE)),
    Spoil("repeated_speaker", insert(CHOSE, _user())),
    Spoil("misplaced_system", insert(CHOSE, GOOD.messages[0])),
    Spoil("early_farewell", edit(ASK, act="thank", text="Thanks, that's all. Goodbye!")),
    Spoil("duplicate_tool", GOOD.model_copy(update={"tools": (*TOOLS, TOOLS[0])})),
    Spoil("duplicate_call_id", edit(SECOND, edit_call(BATCH, 1, id="c4"), call_id="c4")),
    Spoil("unanswered_call", drop(SECOND)),
    Spoil("unanswered_call", drop(FAULT)),
    Spoil("unpaired_result", insert(REPORTED, _result())),
    Spoil("unpaired_result", insert(REPORTED, _result(call_id="c1"))),
    Spoil("results_out_of_order", swap(FIRST, SECOND)),
    Spoil("wrong_result_name", edit(SHELF, name="get_hours")),
    Spoil("interrupted_call", drop(REPORTED)),
)

SCHEMA = (
    Spoil("unknown_tool", edit_call(BATCH, 1, name="get_holidays")),
    Spoil("invalid_arguments", _arguments(AGAIN, quantity="2")),
    Spoil("invalid_arguments", _arguments(AGAIN, quantity=0)),
    Spoil("invalid_arguments", _arguments(AGAIN, delivery_date="12 March")),
    Spoil("invalid_arguments", _arguments(AGAIN, colour="red")),
    Spoil("invalid_arguments", _arguments(BATCH, 1, day="Saturday")),
    Spoil("invalid_arguments", edit_call(BATCH, 1, arguments={})),
    Spoil("format_ignored", formatting("hyphens")),
    Spoil("format_ignored", formatting("upper_case")),
    Spoil("demand_ignored", demanding("place_order", kind="needed", parameters=("note",))),
    Spoil("demand_ignored", demanding("search_products", kind="ask_first")),
    Spoil("unsaid", demanding("place_order", kind="said", values=("thank you for this",))),
    Spoil("null_argument", _arguments(AGAIN, note=None)),
    Spoil("unreadable_result", edit(SECOND, content="open from ten to four")),
    Spoil("unreadable_result", edit(SECOND, content='{"day": NaN}')),
    Spoil("invalid_result", edit(SECOND, content='{"day": "saturday", "opens": 10}')),
    Spoil("invalid_result", edit(ANSWERED, content=PLACED.replace("placed", "lost"))),
)

PROVENANCE = (
    Spoil("ungrounded_argument", _sourced("quantity")),
    Spoil("ungrounded_argument", _arguments(AGAIN, note="Ring twice")),
    Spoil("source_duplicate", _sourced("quantity", *[said(CHOSE, "two", "number")] * 2)),
    Spoil("source_without_argument", _sourced("colour", said(CHOSE, "two", "number"))),
    Spoil("source_from_future", _sourced("quantity", said(ASKED, "Saturday", "words"))),
    Spoil("source_from_future", _sourced("product_id", FromResult(message=ANSWERED, path="a"))),
    Spoil("source_from_future", edit_source(BATCH, "day", FromResult(message=FIRST, path="day"),
                                            number=1)),
    Spoil("source_wrong_role", _sourced("quantity", said(CONFIRM, "2", "number"))),
    Spoil("source_wrong_role", _sourced("quantity", said(-1, "two", "number"))),
    Spoil("source_wrong_role", _sourced("product_id", FromResult(message=CHOSE, path="a"))),
    Spoil("source_missing_span", _sourced("quantity", said(CHOSE, "2", "number"))),
    Spoil("source_missing_span", edit_source(SEARCHED, "query", said(ASK, "ak desk", "literal"))),
    Spoil("source_missing_span", _sourced("quantity", said(CHOSE, " ", "flag"))),
    Spoil("source_missing_span", _sourced("quantity", FromContext(span="two", rule="number"))),
    Spoil("source_misread", _arguments(AGAIN, quantity=3)),
    Spoil("source_misread", _sourced("quantity", said(CHOSE, "two", "guesswork"))),
    Spoil("source_misread", _arguments(AGAIN, delivery_date="2026-03-13")),
    Spoil("source_misread", _sourced("quantity", FromContext(span="2026", rule="number"))),
    Spoil("source_misread", _arguments(
        SEARCHED, 0, edit_source(SEARCHED, "query", said(ASK, "oak desk", "upper_case")),
        query="OAK DESK")),
    Spoil("source_from_error", _sourced("product_id", FromResult(message=FAULT, path="error"))),
    Spoil("source_missing_path", _sourced("product_id", FromResult(message=SHELF, path="sku"))),
    Spoil("source_missing_path", _sourced(
        "product_id", FromResult(message=SHELF, path="products[9].product_id"))),
    Spoil("source_value_differs", _arguments(AGAIN, product_id="p-47")),
    Spoil("source_value_differs", _arguments(AGAIN, product_id="P-31")),
    Spoil("source_no_default", _arguments(SEARCHED, limit=6)),
    Spoil("source_no_default", _sourced("quantity", FromDefault())),
)  # fmt: skip

ORDERING = (
    Spoil("dependency_race", edit_source(BATCH, "day", FromResult(message=FIRST, path="order_id"),
                                         number=1)),
    Spoil("dependency_race", edit(FIRST, _arguments(BATCH, 1, day="W-2002"),
                                  content=PLACED.replace("W-1001", "W-2002"))),
    Spoil("dependency_race", _arguments(SEARCHED, query="W-1001")),
    Spoil("unconfirmed_write", drop(CONFIRM, AFFIRM)),
    Spoil("unconfirmed_write", edit(AFFIRM, act="negate")),
    Spoil("unconfirmed_write", edit(AFFIRM, act="ask", text="Which ones are they?")),
    Spoil("unconfirmed_write", edit(AFFIRM, edit(CONFIRM, act="clarify"), act="correct")),
    Spoil("policy_read_missing", demanding(
        "place_order", kind="seen", tool="get_hours",
        given=(Sight(parameter="product_id", argument="product_id", row="product_id"),),
        shows=("weight",))),
    Spoil("consent_incomplete", demanding(
        "place_order", kind="seen", tool="search_products", shows=("price",), told=("price",),
        given=(Sight(parameter="product_id", argument="product_id", row="product_id"),))),
    Spoil("blind_repeat", leaving_open("timeout")),
    Spoil("blind_repeat", leaving_open("server_error")),
    Spoil("repeated_write", insert(DONE, *_second_order)),
    Spoil("declined_write", unasked(edit(AFFIRM, act="negate"))),
)  # fmt: skip

WRITES = (
    Spoil("write_not_applied", edit(ANSWERED, content=PLACED.replace('ity": 2', 'ity": 3'))),
    Spoil("write_not_applied", edit(ANSWERED, edit_call(AGAIN, arguments={"order": ORDER}),
                                    content=PLACED.replace("p-31", "p-47"))),
    Spoil("write_not_applied", asserting({"quantity": 3})),
    Spoil("write_to_gone", insert(DONE, *_gone_order, trajectory=edit_task(
        acceptance=Acceptance(assertions=(_gone,))))),
    Spoil("empty_write", edit_call(AGAIN, arguments={"order": {}})),
    Spoil("empty_write", GOOD.model_copy(update={"final_state": TASK.initial_state})),
)  # fmt: skip

TEXT = (
    *(Spoil("placeholder", say(WISH, f"Could you also repair {piece}?"))
      for piece in ("{{it}}", "<thing>", "[thing name]", "the TBD", "XXX", "lorem ipsum", "${a}")),
    *(Spoil("null_word", say(WISH, text))
      for text in ("Could you also repair None?", "Repair null, please.", "It is undefined.",
                   "It cost NaN.", "Ship it to None, please.")),
    *(Spoil("control_token", say(TOLD, f"It is placed. {piece}"))
      for piece in ("<|im_end|>", "<tool_call>", "<think>", "###STOP###", "[/INST]", "{% if %}")),
    Spoil("raw_parameter_name", say(WISH, "Could you also change the delivery_date?")),
    Spoil("raw_parameter_name", say(TOLD, "The order_status is placed.")),
    Spoil("raw_tool_name", say(SEARCHED, "I will use search_products.")),
    Spoil("raw_tool_name", say(SEARCHED, "I will use search_products.", edit_call(
        AGAIN, arguments={**ORDER, "note": "products"}))),
    *(Spoil("data_fragment", say(WISH, f"Could you repair {piece} too?"))
      for piece in ('{"chair": 1}', "[{}]", "chair=old", '"chair": "old"', "it\\n")),
    Spoil("doubled_word", say(WISH, "Could you also repair the the chair?")),
    *(Spoil("bad_spacing", say(WISH, text))
      for text in ("Could you  repair it?", "My chair , too?", "My chair is old .")),
    *(Spoil("doubled_punctuation", say(WISH, text))
      for text in ("My chair is old..", "My chair,, too", "My chair,.", "My chair ().", "Old?.")),
    Spoil("unbalanced_quotes", say(WISH, 'Could you repair "my chair?')),
    Spoil("unbalanced_quotes", say(TOLD, "It is “placed.")),
    Spoil("repetition", say(WISH, "Could you also repair my old chair now, " * 6 + "please?")),
    Spoil("repetition", say(TOLD, "It is placed:\n" + "- It is on its way.\n" * 5)),
    Spoil("repetition", say(TOLD, "It is:\n- " + "on its way to where you live, at last, " * 6)),
    Spoil("user_speaks_as_assistant", say(WISH, "Is there anything else you need?")),
    Spoil("user_speaks_as_assistant", say(AFFIRM, "I’d be happy to help with that.")),
)  # fmt: skip

FAITHFUL = (
    *(Spoil("unfaithful_number", say(DONE, text))
      for text in ("Order W-1001 comes to $380.", "Order W-1002 comes to $379.",
                   "Done: it arrives on the 13th of March.", "It comes to $379.10.",
                   "It arrives at 7 pm.", "It costs 8 dollars.", "It took 13 tries.")),
    Spoil("unfaithful_number", say(REPORTED, "I found order W-1001.")),
    Spoil("unfaithful_quote", say(DONE, "Your “Walnut desk” is on its way.")),
    Spoil("unfaithful_quote", say(SEARCHED, 'I look for "Pine shelf".')),
    Spoil("unfaithful_name", modelled(say(DONE, "Done: Ole Jensen brings it, for $379."))),
)  # fmt: skip

GOAL = (
    Spoil("premature_termination", drop(WISH, REFUSED)),
    Spoil("missed_required_action", drop(BATCH, FIRST, SECOND)),
    Spoil("missed_required_action", drop(TRIED, FAULT, AGAIN, ANSWERED)),
    Spoil("missed_required_action", edit(FIRST, is_error=True)),
    Spoil("wrong_arguments", _arguments(SEARCHED, query="oak")),
    Spoil("wrong_arguments", _arguments(
        TRIED, 0, _arguments(AGAIN, product_id="p-47"), product_id="p-47")),
    Spoil("unexpected_write", insert(DONE, *_second_order)),
    Spoil("unexpected_write", insert(DONE, *_other_order)),
    Spoil("wrong_final_state", GOOD.model_copy(update={"final_state": "0" * 16})),
    Spoil("should_have_refused", edit(REFUSED, act="say")),
    Spoil("should_have_refused", insert(REFUSED, *_wrong_write)),
    Spoil("false_refusal", edit(TOLD, act="refuse")),
    Spoil("false_refusal", edit(TOLD, act="transfer")),
    Spoil("should_have_transferred", ending("transfer")),
    Spoil("should_have_transferred", insert(REFUSED, *_wrong_write, trajectory=ending("transfer"))),
    Spoil("should_have_asked", ending("clarify")),
    Spoil("should_have_asked", insert(REFUSED, *_wrong_write, trajectory=ending("clarify"))),
    Spoil("undisclosed_failure", ending("fail")),
    Spoil("value_not_told", say(DONE, "Done: the two desks come to $379 in all.")),
    Spoil("value_not_told", say(DONE, "Done: your order W-1001 is placed.")),
    Spoil("value_not_told", edit_task(acceptance=Acceptance(
        must_say=(MustSay(turn=3, call=1, path="order_id", value="W-1001"),)))),
    Spoil("result_not_told", modelled(ending_early(say(REPORTED, "There you are.")))),
    Spoil("forbidden_call", edit_task(acceptance=Acceptance(
        must_not_call=(CallPattern(tool="place_order"),)))),
    Spoil("forbidden_call", edit_task(acceptance=Acceptance(
        must_not_call=(CallPattern(tool="place_order", turn=1, arguments={"quantity": 2}),)))),
    Spoil("missed_required_action", edit_task(acceptance=Acceptance(
        must_call=(CallPattern(tool="get_hours", arguments={"day": "sunday"}),)))),
    Spoil("missed_required_action", edit_task(acceptance=Acceptance(
        must_call=(CallPattern(tool="get_hours", turn=0),)))),
    Spoil("unrecovered_fault", edit(SECOND, fault=BUSY)),
)  # fmt: skip

_strict = PolicyRule(
    tool="place_order", aspect="argument", path="quantity", comparison="at_most", limit=1,
    sentence="Never place an order of more than one.",
)  # fmt: skip
_sold_out = PolicyRule(
    tool="place_order", aspect="row", path="price", comparison="at_most", limit=100,
    table="products", key={"product_id": "product_id"}, sentence="Never sell what is dear.",
)  # fmt: skip
POLICY = (
    Spoil("policy_violation", edit_task(rules=(_strict,))),
    Spoil("policy_violation", edit_task(rules=(_sold_out,))),
    Spoil("policy_unavailable", edit_task(rules=(_strict,)), None),
)

REPLAY = (
    Spoil("replay_unavailable", GOOD, None),
    Spoil("replay_initial_state_differs", GOOD, FullShop),
    Spoil("replay_initial_state_differs", edit_task(initial_state="0" * 16)),
    Spoil("replay_differs", edit(SHELF, content=FOUND.replace("249", "250"))),
    Spoil("replay_differs", edit(SECOND, content=OPEN.replace("16:00", "17:00"))),
    Spoil("replay_differs", edit(SECOND, is_error=True)),
    Spoil("replay_differs", edit(FAULT, content=FAILED.replace("rate_limited", "denied"))),
    Spoil("replay_differs", edit(SECOND, content="four o'clock")),
    Spoil("assertion_failed", asserting({"quantity": 3})),
    Spoil("assertion_failed", asserting({"colour": "red"})),
    Spoil("assertion_failed", asserting(None)),
    Spoil("assertion_failed", asserting({"quantity": 2}, "W-1002")),
    Spoil("replay_state_differs", edit_task(acceptance=Acceptance()), ForgetfulShop),
    Spoil("replay_state_differs", GOOD.model_copy(update={"final_state": "0" * 16})),
)

FAILURES = (
    Spoil("check_failed", GOOD, BrokenShop),
    Spoil("check_failed", edit_task(clock="nine o'clock")),
    Spoil("check_failed", edit_task(turns=(TASK.turns[0].model_copy(update={
        "calls": (TASK.calls[0].model_copy(update={"result": "not JSON"}),)}), *TASK.turns[1:]))),
)  # fmt: skip

SPOILS: tuple[Spoil, ...] = (
    *STRUCTURE, *SCHEMA, *PROVENANCE, *ORDERING, *WRITES, *TEXT, *FAITHFUL, *GOAL, *POLICY, *REPLAY,
    *FAILURES,
)  # fmt: skip
