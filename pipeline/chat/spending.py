"""What the models of a folder have cost, and whether there is anything left to spend.

Money and tokens are those of the folder, over all its runs; time is that of this run. A budget is
looked at before each request, so it is exceeded by no more than what is under way.
"""

from threading import Lock
from time import monotonic

from pipeline.chat.profile import Price
from pipeline.chat.request_journal import Answered, read_requests
from pipeline.config import Settings
from schemas.chat import Role
from schemas.errors import BudgetError

ROLES: tuple[Role, ...] = (
    "user", "assistant", "writer", "reviewer", "judge", "documenter", "tool",
)  # fmt: skip


class Prices:
    """Model and role → price, as the settings say."""

    def __init__(self, settings: Settings) -> None:
        profiles = [*((role, settings.profile(role)) for role in ROLES), *settings.seats.values()]
        self._own = {(one.model, role): one.price for role, one in profiles if one.price}
        self._any = {one.model: one.price for _, one in profiles if one.price}

    def find(self, model: str, role: Role) -> Price | None:
        """The price of a model in a role; of that model in another where none is told."""
        return self._own.get((model, role)) or self._any.get(model)

    def cost(self, answered: Answered) -> float:
        """What a request has cost; nothing where no price is told."""
        price, reply = self.find(answered.model, answered.role), answered.reply
        if price is None or reply is None:
            return 0.0
        return price.cost(reply.input_tokens, reply.cached_tokens, reply.output_tokens)


class Spending:
    """What has been spent, and the budgets."""

    def __init__(self, settings: Settings) -> None:
        """What the folder has spent before is read when it is first asked for."""
        self._settings, self._prices = settings, Prices(settings)
        self._begun, self._lock = monotonic(), Lock()
        self._money: float | None = None
        self._tokens = 0
        self.requests = self.run_tokens = 0
        self.run_money = 0.0
        """What this run has finished, and taken for it."""

    def check(self) -> None:
        """Raise BudgetError where a budget is spent."""
        known = self._settings
        with self._lock:
            if self._money is None:
                self._money = 0.0
                budgeted = known.budget_money is not None or known.budget_tokens is not None
                for answered in read_requests(known.out) if budgeted else ():
                    self._add(answered)
        minutes = (monotonic() - self._begun) / 60
        for most, spent, what in (
            (known.budget_money, self._money, "money"),
            (known.budget_tokens, self._tokens, "tokens"),
            (known.budget_minutes, minutes, "minutes"),
        ):
            if most is not None and spent >= most:
                raise BudgetError(f"the budget was spent, {spent:,.2f} of {most:,.2f} {what}")

    def note(self, answered: Answered) -> None:
        """Add what this run has paid for."""
        with self._lock:  # who plays the tools is asked in a thread of its own
            money, tokens = self._add(answered)
            self.requests += 1
            self.run_money += money
            self.run_tokens += tokens

    def _add(self, answered: Answered) -> tuple[float, int]:
        """Money and tokens of a request, which count now."""
        if answered.reply is None:
            return 0.0, 0
        money = self._prices.cost(answered)
        tokens = answered.reply.input_tokens + answered.reply.output_tokens
        self._money, self._tokens = (self._money or 0.0) + money, self._tokens + tokens
        return money, tokens
