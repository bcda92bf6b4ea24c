"""A class of Python as an environment: tools, state, errors, policies, proposals."""

import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from textwrap import dedent
from typing import Any

import pytest

from generators.backends.backend import WantedCall
from generators.backends.python_backend import PythonBackend, open_backend
from generators.sandbox.propose import make_proposed
from schemas.environment import call_at
from schemas.errors import InputError
from schemas.message import Fault

CLOCK = "2026-03-02T10:00:00+00:00"
SHOP = '''
"""A shop of a few orders."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from schemas.authoring import ToolError, policy, read, write


@dataclass
class Order:
    order_id: str
    customer_id: str
    status: Literal["open", "sent", "returned"]
    total: float
    ordered_on: date


class Shop:
    """The orders of a shop."""

    def __init__(self, seed: int, clock: datetime) -> None:
        self.today = clock.date()
        self.customers = {f"c{n}": {"customer_id": f"c{n}", "name": "Ada"} for n in range(3)}
        self.orders = {
            f"o{n}": Order(f"o{n}", f"c{n % 3}", "open" if n % 2 else "sent", 2.0 * n + seed,
                           self.today - timedelta(days=9 * n))
            for n in range(8)
        }

    @read
    def get_order(self, order_id: str) -> Order:
        """Look up an order."""
        return self.orders[order_id]

    @read
    def list_orders(self, customer_id: str, status: str | None = None) -> list[Order]:
        """List the orders of a customer.

        Args:
            customer_id: Whose orders.
            status: Only those of a status.
        """
        own = [one for one in self.orders.values() if one.customer_id == customer_id]
        return [one for one in own if status in (None, one.status)]

    @write
    def return_order(self, order_id: str) -> Order:
        """Return an order."""
        order = self.orders[order_id]
        order.status = "returned"
        if order.ordered_on > self.today:
            raise ToolError("too_early", "It has not been ordered yet.")
        if order.total > 1000:
            raise ValueError("Such sums are paid back by hand.")
        return order

    @write
    def move_order(self, order_id: str, day: date) -> Order:
        """Change the day of an order."""
        self.orders[order_id].ordered_on = day
        return self.orders[order_id]

    @read
    def count_orders(self):
        """Count the orders."""
        return len(self.orders)

    @policy("Orders can be returned within 30 days.", of="return_order")
    def in_time(self, tool: str, arguments: dict[str, Any]) -> bool:
        return (self.today - self.orders[arguments["order_id"]].ordered_on).days <= 30


@policy("Nothing is moved on Sundays.", of=("move_order",))
def not_on_sundays(shop: Shop, tool: str, arguments: dict[str, Any]) -> bool:
    return date.fromisoformat(arguments["day"]).weekday() != 6
'''
Written = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write a module, each to a folder of its own."""

    def write(text: str, name: str = "shop.py") -> Path:
        path = tmp_path / name
        path.write_text(dedent(text))
        return path

    return write


@pytest.fixture
def shop(written: Written) -> PythonBackend:
    return open_backend(f"{written(SHOP)}:Shop")


def changed(written: Written, old: str, new: str) -> PythonBackend:
    assert old in SHOP
    return open_backend(f"{written(SHOP.replace(old, new))}:Shop")


# -- tools


def test_tools_are_read_from_annotations_docstrings_and_marks(shop: PythonBackend) -> None:
    tools = shop.catalog.by_name
    assert list(tools) == ["get_order", "list_orders", "return_order", "move_order", "count_orders"]
    order = tools["get_order"].returns
    assert order is not None
    assert order["properties"]["status"]["enum"] == ["open", "sent", "returned"]
    listed = tools["list_orders"]
    assert listed.required == ("customer_id",)
    assert listed.properties["status"]["description"] == "Only those of a status."
    assert listed.returns is not None
    assert listed.returns["type"] == "array"
    assert [tools[name].effect for name in tools] == ["read", "read", "write", "write", "read"]
    assert tools["move_order"].properties["day"]["format"] == "date"
    assert tools["count_orders"].returns == {}
    assert {model.writes for model in map(shop.world.models.get, ("return_order",)) if model} == {
        True
    }


def test_the_name_has_no_folder_and_the_fingerprint_is_of_the_text(
    shop: PythonBackend, written: Written
) -> None:
    assert shop.name == "shop.py:Shop"
    other = open_backend(f"{written(SHOP + '# more', 'other.py')}:Shop")
    assert other.fingerprint != shop.fingerprint


def test_a_module_of_the_working_directory_is_found(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(SHOP, "corner_shop_module.py")
    monkeypatch.chdir(path.parent)
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert open_backend("corner_shop_module:Shop").name == "corner_shop_module:Shop"


# -- calls


def test_calls_run_and_results_are_json(shop: PythonBackend) -> None:
    environment = shop.open(1, CLOCK)
    outcome = environment.call("get_order", {"order_id": "o1"})
    assert outcome.content == {
        "order_id": "o1", "customer_id": "c1", "status": "open", "total": 3.0,
        "ordered_on": "2026-02-21",
    }  # fmt: skip
    moved = environment.call("move_order", {"order_id": "o1", "day": "2026-02-20"})
    assert moved.content["ordered_on"] == "2026-02-20"
    assert environment.call("count_orders", {}).content == 8


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("get_order", {"order_id": "o99"}, "not_found"),
        ("get_order", {}, "invalid_arguments"),
        ("get_order", {"order_id": 5}, "invalid_arguments"),
        ("move_order", {"order_id": "o1", "day": "soon"}, "invalid_arguments"),
        ("close_shop", {}, "unknown_tool"),
    ],
)
def test_what_cannot_be_is_an_error_with_a_code(
    shop: PythonBackend, name: str, arguments: dict[str, Any], code: str
) -> None:
    environment = shop.open(0, CLOCK)
    outcome = environment.call(name, arguments)
    assert outcome.is_error
    assert outcome.content["error"]["code"] == code
    assert outcome.content["error"]["message"]
    assert environment.changes() == ()


@pytest.mark.parametrize(("seed", "code"), [(2000, "invalid_request")])
def test_a_call_that_raises_leaves_no_trace(shop: PythonBackend, seed: int, code: str) -> None:
    environment = shop.open(seed, CLOCK)
    before = environment.state_hash()
    outcome = environment.call("return_order", {"order_id": "o1"})
    assert outcome.content["error"]["code"] == code
    assert environment.state_hash() == before
    assert environment.call("get_order", {"order_id": "o1"}).content["status"] == "open"


def test_a_mistake_in_the_class_is_told_and_never_an_outcome(written: Written) -> None:
    backend = changed(written, 'order.status = "returned"', "order.state.x = 1")
    environment = backend.open(0, CLOCK)
    with pytest.raises(InputError, match=r"shop\.py:Shop, tool 'Shop.return_order': raises Attr"):
        environment.call("return_order", {"order_id": "o1"})


def test_a_result_that_is_not_as_announced_is_told(written: Written) -> None:
    backend = changed(written, "return self.orders[order_id]\n\n    @read", "return 5\n\n    @read")
    with pytest.raises(InputError, match="does not return what it announces"):
        backend.open(0, CLOCK).call("get_order", {"order_id": "o1"})


def test_a_fault_strikes_without_effect(shop: PythonBackend) -> None:
    environment = shop.open(0, CLOCK)
    before = environment.state_hash()
    late = environment.call("return_order", {"order_id": "o1"}, Fault(kind="timeout"))
    assert late.content["error"]["code"] == "timeout"
    environment.call("return_order", {"order_id": "o1"})
    stale = environment.call("get_order", {"order_id": "o1"}, Fault(kind="stale"))
    assert stale.content["cached"]["status"] == "open"
    assert environment.state_hash() != before


# -- state


def test_the_same_seed_and_clock_give_the_same_state(shop: PythonBackend) -> None:
    hashes = {shop.open(seed, CLOCK).state_hash() for seed in (1, 1, 2)}
    assert len(hashes) == 2
    assert shop.open(1, "2026-03-03T10:00:00+00:00").state_hash() not in hashes


def test_snapshots_changes_and_rows(shop: PythonBackend) -> None:
    environment = shop.open(0, CLOCK)
    before, was = environment.snapshot(), environment.state_hash()
    environment.call("return_order", {"order_id": "o3"})
    (change,) = environment.changes()
    assert (change.table, change.key) == ("orders", "o3")
    assert change.before is not None
    assert change.after is not None
    assert (change.before["status"], change.after["status"]) == ("open", "returned")
    assert [row["order_id"] for row in environment.rows("shop/order")] == [
        row["order_id"] for row in environment.rows("orders")
    ]
    assert environment.rows("shop/nothing") == []
    environment.restore(before)
    assert environment.state_hash() == was
    assert environment.changes() == ()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("self.hook = lambda: 1", "at Shop.hook: cannot be copied"),
        ("self.worst = float('nan')", "Shop.worst is nan, which JSON cannot hold"),
        ("self.kind = Order", "Shop.kind is a type, which JSON cannot hold"),
        ("raise OSError('no disk')", "at Shop: cannot be made: OSError: no disk"),
    ],
)
def test_a_state_that_cannot_be_kept_names_the_attribute(
    written: Written, line: str, problem: str
) -> None:
    backend = changed(written, "self.today = clock.date()", f"self.today = clock.date(); {line}")
    with pytest.raises(InputError, match=problem):
        backend.open(0, CLOCK).state_hash()


# -- policies


def test_policies_tell_what_a_call_would_break(shop: PythonBackend) -> None:
    environment = shop.open(0, CLOCK)
    first, second = "Orders can be returned within 30 days.", "Nothing is moved on Sundays."
    assert shop.rules == (first, second)
    assert shop.violations(environment, "return_order", {"order_id": "o1"}) == ()
    assert shop.violations(environment, "return_order", {"order_id": "o7"}) == (first,)
    sunday = {"order_id": "o1", "day": "2026-03-08"}
    assert shop.violations(environment, "move_order", sunday) == (second,)
    assert shop.violations(environment, "get_order", {"order_id": "o7"}) == ()
    assert shop.violations(environment, "return_order", {"order_id": "nobody"}) == ()


def test_a_policy_that_breaks_or_hums_and_haws_is_told(written: Written) -> None:
    rule = '(self.today - self.orders[arguments["order_id"]].ordered_on).days <= 30'
    for new, problem in (("1 / 0", "ZeroDivisionError"), ("None", "true or false, not None")):
        backend = changed(written, rule, new)
        with pytest.raises(InputError, match=problem):
            backend.violations(backend.open(0, CLOCK), "return_order", {"order_id": "o1"})
        for name in [name for name in sys.modules if name.startswith("shop_")]:
            del sys.modules[name]


# -- proposals


def test_proposed_calls_succeed_do_something_and_break_no_policy(shop: PythonBackend) -> None:
    environment = shop.open(0, CLOCK)
    was = environment.state_hash()
    for name in shop.world.models:
        for seed in range(25):
            proposed = shop.propose(environment, WantedCall(name), Random(seed))
            assert proposed is not None, name
            assert environment.state_hash() == was
            assert shop.violations(environment, name, proposed.arguments) == ()
            before = environment.snapshot()
            outcome = environment.call(name, proposed.arguments)
            assert not outcome.is_error
            assert outcome.content != []
            assert proposed.outcome == outcome
            called = environment.state_hash()
            environment.restore(before)
            assert make_proposed(environment, name, proposed) == outcome
            assert environment.state_hash() == called
            assert (environment.state_hash() != was) is shop.world.models[name].writes
            environment.restore(before)


def test_what_is_given_is_used_as_it_is(shop: PythonBackend) -> None:
    environment = shop.open(0, CLOCK)
    for seed in range(10):
        rng, given = Random(seed), {"order_id": "o2"}
        returned = shop.propose(environment, WantedCall("return_order", given), rng)
        assert returned is not None
        assert returned.arguments == given
        wanted = WantedCall("list_orders", {"customer_id": "c1"})
        listed = shop.propose(environment, wanted, rng)
        assert listed is not None
        assert listed.arguments["customer_id"] == "c1"
    wanted = WantedCall("return_order", {"order_id": "o7"})
    assert shop.propose(environment, wanted, Random(0)) is None


def test_environments_of_others_are_refused(shop: PythonBackend, written: Written) -> None:
    with pytest.raises(TypeError):
        shop.propose(object(), WantedCall("get_order"), Random(0))  # type: ignore[arg-type]


# -- what a user can get wrong


@pytest.mark.parametrize(
    ("text", "name", "problem"),
    [
        ("class A: pass", "B", r"has no class B; there is A"),
        ("x = (", "A", r"importing it failed: SyntaxError"),
        ("import nowhere_at_all", "A", r"importing it failed: ModuleNotFoundError"),
        ("class A: pass", "A", r"has no tools"),
        (
            "class A:\n    def __init__(self, db):\n        pass\n    def f(self): pass",
            "A", r"needs 'db'; environments are made with seed and clock only",
        ),
        ("class A:\n    async def f(self): pass", "A", r"tool 'f': is asynchronous"),
        ("A = 5", "A", r"has no class A"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_class_is_one_line(
    written: Written, text: str, name: str, problem: str
) -> None:
    reference = f"{written(text)}:{name}"
    with pytest.raises(InputError, match=problem) as caught:
        open_backend(reference).open(0, CLOCK)
    assert str(caught.value).startswith(f"{reference}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("shop", "must be like"),
        (":Shop", "must be like"),
        ("no_such_module_here:Shop", "there is no module"),
        ("no/such/file.py:Shop", "no such file"),
    ],
)
def test_what_names_no_class_is_one_line(reference: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        open_backend(reference)


def test_a_class_may_be_made_without_seed_or_clock(written: Written) -> None:
    text = """
    class Counter:
        def __init__(self):
            self.count = 0

        def add_count(self, amount: int) -> int:
            "Add to the count."
            self.count += amount
            return self.count
    """
    environment = open_backend(f"{written(text)}:Counter").open(3, CLOCK)
    assert environment.call("add_count", {"amount": 2.0}).content == 2
    (change,) = environment.changes()
    assert (change.table, change.key, change.after) == ("attributes", "count", {"value": 2})


def test_an_object_that_keeps_a_clock_is_told_the_time_and_it_is_no_state(
    written: Written,
) -> None:
    text = """
    from datetime import datetime

    class Watch:
        def __init__(self, clock: datetime):
            self.clock = clock

        def get_time(self) -> str:
            "Tell the time."
            return self.clock.isoformat()
    """
    environment = open_backend(f"{written(text)}:Watch").open(3, CLOCK)
    before = environment.state_hash()
    later = f"{CLOCK[:11]}23:59:00+00:00"
    assert call_at(environment, later, "get_time", {}).content == later
    assert environment.state_hash() == before
    assert environment.changes() == ()
