"""What the lending shed keeps records of, and the records that it opens with."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

from faker import Faker

Category = Literal["garden", "power tools", "hand tools", "cleaning", "camping"]
Condition = Literal["as new", "good", "worn", "damaged"]


@dataclass
class Item:
    """A thing that is lent."""

    item_id: str
    name: str
    category: Category
    condition: Condition
    daily_fee: float
    deposit: float
    status: Literal["available", "on loan", "in repair", "retired"]


@dataclass
class Member:
    """Somebody who may borrow."""

    member_id: str
    name: str
    email: str
    phone: str
    tier: Literal["basic", "plus"]
    joined_on: date
    owed: float


@dataclass
class Loan:
    """An item in a member's hands."""

    loan_id: str
    member_id: str
    item_id: str
    borrowed_on: date
    due_on: date
    renewals: int
    deposit: float
    status: Literal["open", "returned"]


@dataclass
class Reservation:
    """A member's place in the queue for an item."""

    reservation_id: str
    member_id: str
    item_id: str
    start_date: date
    status: Literal["waiting", "cancelled"]


@dataclass
class Repair:
    """Work on an item that was damaged."""

    repair_id: str
    item_id: str
    description: str
    reported_on: date
    cost: float
    status: Literal["reported", "done"]


_STOCK: dict[Category, tuple[tuple[str, float, float], ...]] = {
    "garden": (("Hedge trimmer", 4.5, 40), ("Lawn aerator", 6, 60), ("Apple picker", 1.5, 10)),
    "power tools": (("Cordless drill", 3.5, 50), ("Belt sander", 5, 65), ("Jigsaw", 4, 45)),
    "hand tools": (("Pipe wrench", 1, 15), ("Tile cutter", 2.5, 30), ("Crowbar", 1, 10)),
    "cleaning": (("Carpet washer", 8, 80), ("Pressure washer", 9, 90), ("Steam mop", 3, 35)),
    "camping": (("Family tent", 7, 100), ("Camping stove", 2, 25), ("Cool box", 1.5, 20)),
}
"""Category → name, fee for a day, deposit."""
_DAMAGES = ("The cable is frayed.", "A handle is loose.", "It stops after a minute.")


def stock(rng: Random) -> dict[str, Item]:
    """Two of most things, in all conditions."""
    items: dict[str, Item] = {}
    for category, things in _STOCK.items():
        for name, fee, deposit in things:
            for _ in range(rng.choice((1, 2, 2))):
                condition: Condition = rng.choice(("as new", "good", "good", "worn"))
                item_id = f"itm-{len(items) + 101}"
                items[item_id] = Item(
                    item_id, name, category, condition, fee, deposit, "available"
                )  # fmt: skip
    return items


def members(rng: Random, faker: Faker, today: date) -> dict[str, Member]:
    """Twelve people, a few of whom owe something."""
    known: dict[str, Member] = {}
    for number in range(12):
        first, last = faker.first_name(), faker.last_name()
        member_id = f"mem-{number + 31}"
        known[member_id] = Member(
            member_id=member_id,
            name=f"{first} {last}",
            email=f"{first}.{last}{number}@example.org".lower(),
            phone=f"+1 202 555 {rng.randrange(100, 200):04d}",
            tier=rng.choice(("basic", "basic", "plus")),
            joined_on=today - timedelta(days=rng.randrange(40, 1500)),
            owed=rng.choice((0.0, 0.0, 0.0, 6.5, 12.0, 28.5)),
        )
    return known


def loans(rng: Random, items: dict[str, Item], known: list[str], today: date) -> dict[str, Loan]:
    """Half of the items have been lent; most of these are still out, some too long."""
    made: dict[str, Loan] = {}
    for item in rng.sample(list(items.values()), len(items) // 2):
        borrowed = today - timedelta(days=rng.randrange(1, 14))
        returned = rng.random() < 0.25
        loan_id = f"loan-{len(made) + 501}"
        made[loan_id] = Loan(
            loan_id=loan_id,
            member_id=rng.choice(known),
            item_id=item.item_id,
            borrowed_on=borrowed,
            due_on=borrowed + timedelta(days=rng.choice((3, 7, 14, 21))),
            renewals=rng.choice((0, 0, 1, 2)),
            deposit=item.deposit,
            status="returned" if returned else "open",
        )
        item.status = "available" if returned else "on loan"
    return made


def reservations(
    rng: Random, items: dict[str, Item], known: list[str], today: date
) -> dict[str, Reservation]:
    """Some wait for what is out."""
    out = [item for item in items.values() if item.status == "on loan"]
    return {
        f"res-{number + 71}": Reservation(
            f"res-{number + 71}",
            rng.choice(known),
            item.item_id,
            today + timedelta(days=rng.randrange(2, 20)),
            rng.choice(("waiting", "waiting", "cancelled")),
        )
        for number, item in enumerate(rng.sample(out, min(5, len(out))))
    }


def repairs(rng: Random, items: dict[str, Item], today: date) -> dict[str, Repair]:
    """Some of what nobody has borrowed is broken."""
    idle = [item for item in items.values() if item.status == "available"]
    made: dict[str, Repair] = {}
    for number, item in enumerate(rng.sample(idle, min(4, len(idle)))):
        done = number == 0
        repair_id = f"rep-{number + 11}"
        reported = today - timedelta(days=rng.randrange(1, 30))
        made[repair_id] = Repair(
            repair_id, item.item_id, rng.choice(_DAMAGES), reported,
            round(rng.uniform(8, 60), 2) if done else 0.0, "done" if done else "reported",
        )  # fmt: skip
        item.status = "available" if done else "in repair"
        item.condition = "good" if done else "damaged"
    return made
