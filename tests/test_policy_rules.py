"""What a policy of one's own tells: rules that code decides, and how calls are made."""

import json
from pathlib import Path
from typing import Any

import pytest

from generators.operators import script_of
from generators.studio import Studio
from generators.world.policy_rules import asks_why, has_manner
from pipeline.config import Settings
from pipeline.opening import open_workshop
from schemas.world_model import PolicyRuleMeaning
from tests.studio import draw, own_studio

TEXT = {"type": "string"}
PARCELS = {"type": "integer", "description": "The total number of parcels."}
EXTRA = {"type": "integer", "description": "The number of parcels that are paid for."}
ORDER: dict[str, Any] = {
    "type": "object", "required": ["order_id", "status", "speed", "emails"],
    "properties": {
        "order_id": TEXT, "status": {"type": "string", "enum": ["open", "sent", "cancelled"]},
        "speed": {"type": "string", "enum": ["normal", "same_day"]},
        "emails": {"type": "array", "items": {"type": "string", "format": "email"}},
    },
}  # fmt: skip
MORE: dict[str, dict[str, object]] = {
    "deliver": {"delivered_on": {"type": "string", "format": "date"}},
    "parcel": {"total_parcels": PARCELS, "extra_parcels": EXTRA},
    "card": {"card_id": TEXT, "customer_id": TEXT},
}  # fmt: skip
"""What an order has besides, where the policy speaks of it."""
CUSTOMER = {
    "name": "get_customer", "description": "Get a customer.",
    "inputSchema": {"type": "object", "required": ["customer_id"],
                    "properties": {"customer_id": TEXT}},
    "outputSchema": {"type": "object", "required": ["customer_id", "card_ids"], "properties": {
        "customer_id": TEXT, "card_ids": {"type": "array", "items": TEXT}}},
}  # fmt: skip


def tool(name: str, **more: object) -> dict[str, object]:
    return {
        "name": name, "description": f"{name.replace('_', ' ').capitalize()}.",
        "inputSchema": {"type": "object", "required": ["order_id", *more],
                        "properties": {"order_id": TEXT, **more}},
        "outputSchema": ORDER,
    }  # fmt: skip


def studio_of(folder: Path, policy: str) -> Studio:
    emails = {"type": "array", "items": {"type": "string", "format": "email"}}
    more = {"emails": emails, "total_parcels": PARCELS, "extra_parcels": EXTRA, "card_id": TEXT}
    tools = [tool("get_order"), tool("cancel_order"), tool("change_order", **more), CUSTOMER]
    besides = {name: one for word, fields in MORE.items() for name, one in fields.items()
               if word in policy.lower()}  # fmt: skip
    order = ORDER | {"properties": {**ORDER["properties"], **besides}}
    tools = [one | {"outputSchema": order} if one["outputSchema"] is ORDER else one
             for one in tools]  # fmt: skip
    (folder / "shop.json").write_text(json.dumps({"tools": tools}), encoding="utf-8")
    (folder / "policy.md").write_text(policy, encoding="utf-8")
    settings = Settings(tools=(folder / "shop.json",), policy=folder / "policy.md")
    return open_workshop(settings).studio


def rules_of(folder: Path, policy: str) -> dict[str, PolicyRuleMeaning]:
    (service,) = studio_of(folder, policy).world.domains.values()
    return {rule.text: rule for rule in service.rules}


@pytest.mark.parametrize(
    ("sentence", "tools", "require"),
    [
        ("An order can only be cancelled if its status is 'open'.",
         ("cancel_order",), "order.status == 'open'"),
        ("An order can only be changed if its status is 'open', and you should look first.",
         ("change_order",), "order.status == 'open'"),
        ("Same day orders cannot be cancelled.", ("cancel_order",), "order.speed != 'same_day'"),
        ("Nobody can help you: you cannot change the number of emails.",
         ("change_order",), "count(emails) == count(order.emails)"),
        ("Each order can have at most three emails.",
         ("change_order",), "count(emails) <= 3"),
        ("Only open orders can be cancelled.", ("cancel_order",), "order.status == 'open'"),
        ("You can only take action on open or sent orders.",
         ("cancel_order", "change_order"), "order.status in ['open', 'sent']"),
        ("An order cannot be cancelled once it has been sent.",
         ("cancel_order",), "order.status != 'sent'"),
        ("Never change a sent order.", ("change_order",), "order.status != 'sent'"),
        ("An order can only be cancelled within 14 days of delivery.",
         ("cancel_order",), "today - order.delivered_on <= 14d"),
        ("The customer can add but not remove parcels.",
         ("change_order",), "total_parcels >= order.total_parcels"),
        ("The card must already be in the customer's profile.",
         ("change_order",), "card_id in order.customer.card_ids"),
    ],
)  # fmt: skip
def test_plain_sentences_become_rules(
    tmp_path: Path, sentence: str, tools: tuple[str, ...], require: str
) -> None:
    found = rules_of(tmp_path, f"# Desk\n\nBe kind.\n\n- {sentence}\n")
    assert list(found) == [sentence]
    assert (found[sentence].tools, found[sentence].require) == (tools, require)


@pytest.mark.parametrize(
    "sentence",
    [
        "An order can only be cancelled if its status is 'lost'.",  # there is no such status
        "A letter can only be cancelled if its status is 'open'.",
        "Heavy orders cannot be cancelled.",
        "An order can only be eaten if its status is 'open'.",
        "Orders are cancelled with care.",
    ],
)
def test_what_the_tools_do_not_know_stays_text(tmp_path: Path, sentence: str) -> None:
    assert rules_of(tmp_path, f"# Desk\n\n{sentence}\n") == {}


def test_a_sentence_without_a_verb_is_about_the_tools_of_its_heading(tmp_path: Path) -> None:
    told = "You can only use a card different from the original card."
    found = rules_of(tmp_path, f"# Desk\n\n## Change order\n\n{told}\n")
    assert [(one.tools, one.require) for one in found.values()] == [
        (("change_order",), "card_id != order.card_id")
    ]
    assert rules_of(tmp_path, f"# Desk\n\n## Cancel order\n\n{told}\n") == {}
    asked = "Before taking any action, you must obtain the customer's confirmation."
    found = rules_of(tmp_path, f"{asked}\n\nOrders are sent on weekdays.\n")
    assert found[asked].ask
    assert found[asked].tools == ("cancel_order", "change_order")


def test_what_is_enough_lets_pass_and_forbids_nothing(tmp_path: Path) -> None:
    policy = "An order can be cancelled if any of the following is true:\n"
    policy += "- It is a same day order\n- The weather was bad\n"
    (rule,) = rules_of(tmp_path, policy).values()
    assert (rule.require, rule.outcome) == ("order.speed == 'same_day'", "leave")


def test_whoever_wants_a_book_recorded_as_back_says_that_it_was_handed_in() -> None:
    studio = own_studio()
    assert asks_why(studio.world, studio.world.models["return_loan"])
    assert not asks_why(studio.world, studio.world.models["renew_loan"])


@pytest.mark.parametrize("asked", [True, False])
def test_whoever_is_to_say_why_says_so_at_once(tmp_path: Path, asked: bool) -> None:
    told = "You must also obtain the reason for cancellation (a change of plan, or others)."
    studio = studio_of(tmp_path, f"# Desk\n\n{told if asked else 'Be kind.'}\n")
    assert asks_why(studio.world, studio.world.models["cancel_order"]) is asked
    cancelled = explained = 0
    for task in draw(16, studio):
        script = script_of(studio.world, task)
        for number, turn in enumerate(task.turns):
            if any(call.tool == "cancel_order" and not call.barred for call in turn.calls):
                why = task.brief.wishes[number].why
                said = " ".join(one.text for one in script.user if one.turn == number)
                cancelled += 1
                explained += bool(why) and why.casefold() in said.casefold()
    assert cancelled
    assert (explained == cancelled) is asked


def test_what_a_policy_reckons_by_who_asks_is_asked_for_by_nobody(tmp_path: Path) -> None:
    each = "You can have\n- 1 free parcel for each gold customer"
    (tmp_path / "reckoned").mkdir()
    (tmp_path / "plain").mkdir()
    reckoned = studio_of(tmp_path / "reckoned", each).world.models
    plain = studio_of(tmp_path / "plain", "Pay for 1 parcel each.").world.models
    assert plain["change_order"].suspect == ()
    assert reckoned["change_order"].suspect == ("1 free parcel for each gold",)
    assert reckoned["cancel_order"] == plain["cancel_order"]


def test_a_policy_tells_how_calls_are_made() -> None:
    told = (
        "You should only make one tool call at a time, and if you make a tool call, you should\n"
        "not respond."
    )
    assert has_manner(told, "one_call")
    assert has_manner(told, "silent_call")
    proof = "At the beginning of the conversation, you have to authenticate the user."
    assert has_manner(proof, "proof_first")
    assert not has_manner(told, "proof_first")
    assert not has_manner("Call a colleague if one tool fails at a bad time.", "one_call")
