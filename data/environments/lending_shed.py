"""A neighbourhood's shed from which members borrow tools, with deposits, queues and repairs.

What the shed's computer refuses is what cannot be: lending what is not there. What its rules forbid
it would do all the same; the rules are the policies below, and keeping them is the assistant's job.
"""

from datetime import date, datetime, timedelta
from random import Random
from typing import Annotated, Any, Literal, TypeVar

from faker import Faker
from pydantic import Field

from data.environments import lending_records as records
from data.environments.lending_records import (
    Category,
    Condition,
    Item,
    Loan,
    Member,
    Repair,
    Reservation,
)
from schemas.authoring import ToolError, policy, read, write

Row = TypeVar("Row")
Days = Annotated[int, Field(ge=1, le=60)]
Amount = Annotated[float, Field(gt=0, le=500)]


class LendingShed:
    """Items, members, loans, reservations and repairs of one shed."""

    def __init__(self, seed: int, clock: datetime) -> None:
        """The same seed and day give the same records."""
        rng, faker = Random(seed), Faker("en_US")
        faker.seed_instance(seed)
        self.today = clock.date()
        self.items = records.stock(rng)
        self.members = records.members(rng, faker, self.today)
        known = list(self.members)
        self.loans = records.loans(rng, self.items, known, self.today)
        self.reservations = records.reservations(rng, self.items, known, self.today)
        self.repairs = records.repairs(rng, self.items, self.today)

    # -- looking things up

    @read
    def search_items(self, query: str) -> list[Item]:
        """Search the items by words of their name.

        Args:
            query: Words such as "drill".

        """
        words = query.lower().split()
        return [
            item for item in self.items.values() if all(word in item.name.lower() for word in words)
        ]

    @read
    def list_items(self, category: Category, max_deposit: float | None = None) -> list[Item]:
        """List the items of a category.

        Args:
            category: The category.
            max_deposit: Only items with a deposit of at most this many dollars.

        """
        found = [item for item in self.items.values() if item.category == category]
        return [item for item in found if max_deposit is None or item.deposit <= max_deposit]

    @read
    def get_item(self, item_id: str) -> Item:
        """Get an item with its fee, deposit and present status."""
        return _known(self.items, item_id, "item")

    @read
    def find_member(self, email: str) -> Member:
        """Find the member who has an email address."""
        for member in self.members.values():
            if member.email == email.lower():
                return member
        raise ToolError("not_found", f"No member has the email address {email}.")

    @read
    def get_member(self, member_id: str) -> Member:
        """Get a member with tier and the amount that is owed."""
        return _known(self.members, member_id, "member")

    @read
    def list_loans(
        self, member_id: str, status: Literal["open", "returned"] | None = None
    ) -> list[Loan]:
        """List the loans of a member, all or those of one status."""
        _known(self.members, member_id, "member")
        own = [loan for loan in self.loans.values() if loan.member_id == member_id]
        return [loan for loan in own if status in (None, loan.status)]

    @read
    def get_loan(self, loan_id: str) -> Loan:
        """Get a loan with its due date and renewals."""
        return _known(self.loans, loan_id, "loan")

    @read
    def list_reservations(self, member_id: str) -> list[Reservation]:
        """List the reservations of a member."""
        _known(self.members, member_id, "member")
        return [one for one in self.reservations.values() if one.member_id == member_id]

    @read
    def list_repairs(self, status: Literal["reported", "done"]) -> list[Repair]:
        """List the repairs of one status."""
        return [repair for repair in self.repairs.values() if repair.status == status]

    # -- lending

    @write
    def borrow_item(self, member_id: str, item_id: str, days: Days) -> Loan:
        """Lend an item to a member.

        Args:
            member_id: Who borrows it.
            item_id: What is borrowed.
            days: For how many days.

        """
        _known(self.members, member_id, "member")
        item = _known(self.items, item_id, "item")
        if item.status != "available":
            raise ToolError("not_available", f"{item.name} ({item_id}) is {item.status}.")
        loan_id = f"loan-{len(self.loans) + 501}"
        due = self.today + timedelta(days=days)
        loan = Loan(loan_id, member_id, item_id, self.today, due, 0, item.deposit, "open")
        self.loans[loan_id], item.status = loan, "on loan"
        return loan

    @write
    def renew_loan(self, loan_id: str, days: Days) -> Loan:
        """Extend a loan by some days.

        Args:
            loan_id: The loan.
            days: By how many days the due date is moved.

        """
        loan = self._open_loan(loan_id)
        loan.due_on, loan.renewals = loan.due_on + timedelta(days=days), loan.renewals + 1
        return loan

    @write
    def return_loan(self, loan_id: str, condition: Condition) -> Loan:
        """Take a borrowed item back; what is overdue is charged to the member.

        Args:
            loan_id: The loan that ends.
            condition: The condition in which the item comes back.

        """
        loan = self._open_loan(loan_id)
        item = self.items[loan.item_id]
        late = max(0, (self.today - loan.due_on).days)
        self.members[loan.member_id].owed += late * item.daily_fee
        loan.status, item.condition = "returned", condition
        item.status = "in repair" if condition == "damaged" else "available"
        return loan

    @write
    def reserve_item(self, member_id: str, item_id: str, start_date: date) -> Reservation:
        """Put a member into the queue for an item.

        Args:
            member_id: Who wants it.
            item_id: What is wanted.
            start_date: The first day on which it is wanted.

        """
        _known(self.members, member_id, "member")
        if _known(self.items, item_id, "item").status == "retired":
            raise ToolError("not_available", "This item is not lent any more.")
        if start_date < self.today:
            raise ToolError("invalid_date", "A reservation cannot begin in the past.")
        reservation_id = f"res-{len(self.reservations) + 71}"
        made = Reservation(reservation_id, member_id, item_id, start_date, "waiting")
        self.reservations[reservation_id] = made
        return made

    @write
    def cancel_reservation(self, reservation_id: str) -> Reservation:
        """Cancel a reservation that is still waiting."""
        found = _known(self.reservations, reservation_id, "reservation")
        if found.status == "cancelled":
            raise ToolError("conflict", f"Reservation {reservation_id} is cancelled already.")
        found.status = "cancelled"
        return found

    # -- members and repairs

    @write
    def update_member(self, member_id: str, email: str | None = None,
                      phone: str | None = None) -> Member:  # fmt: skip
        """Change a member's email address or phone number."""
        member = _known(self.members, member_id, "member")
        if email is None and phone is None:
            raise ToolError("invalid_request", "Say what is to be changed: email or phone.")
        member.email, member.phone = (email or member.email).lower(), phone or member.phone
        return member

    @write
    def pay_fees(self, member_id: str, amount: Amount) -> Member:
        """Book a payment of what a member owes.

        Args:
            member_id: Who pays.
            amount: How many dollars.

        """
        member = _known(self.members, member_id, "member")
        if amount > member.owed:
            raise ToolError("too_much", f"Only {member.owed:.2f} dollars are owed.")
        member.owed = round(member.owed - amount, 2)
        return member

    @write
    def report_damage(self, item_id: str, description: str) -> Repair:
        """Report that an item on the shelf is damaged, which opens a repair.

        Args:
            item_id: The item.
            description: What is wrong with it.

        """
        item = _known(self.items, item_id, "item")
        if item.status != "available":
            raise ToolError("conflict", f"{item.name} ({item_id}) is {item.status}.")
        repair_id = f"rep-{len(self.repairs) + 11}"
        repair = Repair(repair_id, item_id, description, self.today, 0.0, "reported")
        self.repairs[repair_id] = repair
        item.status, item.condition = "in repair", "damaged"
        return repair

    @write
    def finish_repair(self, repair_id: str, cost: Amount) -> Repair:
        """Note that a repair is done; the item can be lent again.

        Args:
            repair_id: The repair.
            cost: What it cost, in dollars.

        """
        repair = _known(self.repairs, repair_id, "repair")
        if repair.status == "done":
            raise ToolError("conflict", f"Repair {repair_id} is done already.")
        repair.status, repair.cost = "done", cost
        item = self.items[repair.item_id]
        item.status, item.condition = "available", "good"
        return repair

    # -- the rules of the house

    @policy("A member has at most 3 items on loan at a time; with the plus tier, 5.",
            of="borrow_item")  # fmt: skip
    def few_at_a_time(self, tool: str, arguments: dict[str, Any]) -> bool:
        """Count what is open."""
        member = self.get_member(arguments["member_id"])
        return len(self.list_loans(member.member_id, "open")) < (5 if member.tier == "plus" else 3)

    @policy("Whoever owes more than 20 dollars borrows and reserves nothing before paying.",
            of=("borrow_item", "reserve_item"))  # fmt: skip
    def debts_first(self, tool: str, arguments: dict[str, Any]) -> bool:
        """Look at what is owed."""
        return self.get_member(arguments["member_id"]).owed <= 20

    @policy("Power tools are lent for 7 days at most, everything else for 21.", of="borrow_item")
    def not_too_long(self, tool: str, arguments: dict[str, Any]) -> bool:
        """Compare the days with the category's limit."""
        item = self.get_item(arguments["item_id"])
        return bool(arguments["days"] <= (7 if item.category == "power tools" else 21))

    @policy("A loan is renewed twice at most, and never once it is overdue.", of="renew_loan")
    def renewed_in_time(self, tool: str, arguments: dict[str, Any]) -> bool:
        """Count the renewals."""
        loan = self.get_loan(arguments["loan_id"])
        return loan.renewals < 2 and loan.due_on >= self.today

    @policy("A loan is not renewed while another member waits for the item.", of="renew_loan")
    def nobody_waits(self, tool: str, arguments: dict[str, Any]) -> bool:
        """Look through the queue."""
        loan = self.get_loan(arguments["loan_id"])
        return not any(
            one.item_id == loan.item_id
            and one.status == "waiting"
            and one.member_id != loan.member_id
            for one in self.reservations.values()
        )

    def _open_loan(self, loan_id: str) -> Loan:
        loan = _known(self.loans, loan_id, "loan")
        if loan.status != "open":
            raise ToolError("conflict", f"Loan {loan_id} was returned already.")
        return loan


def _known(table: dict[str, Row], key: str, what: str) -> Row:
    if key not in table:
        raise ToolError("not_found", f"There is no {what} {key}.")
    return table[key]
