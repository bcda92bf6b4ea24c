"""What the models of a run are doing, for whoever watches it."""

from schemas.record import Record


class Activity(Record):
    """Counts of this run, as of now."""

    dialogues: int = 0
    """Open ones."""
    open: int = 0
    """Requests that wait for their answer."""
    requests: int = 0
    """Those that are finished."""
    tokens: int = 0
    money: float = 0.0
    """Of the finished ones, by the prices that are told."""
    retries: int = 0
    """Attempts that failed, and were or will be made again."""
    cool_downs: int = 0
    """Times that an endpoint asked for fewer requests."""

    def tell(self, share: float) -> str:
        """The counts in one line; ``share``: how much of what this run is to do is done."""
        told = f"{self.dialogues} dialogues and {self.open} requests open, "
        told += f"{self.requests:,} requests, {self.tokens:,} tokens"
        if self.money:
            expected = f" of about {tell_money(self.money / share)}" if share else ""
            told += f", {tell_money(self.money)}{expected} money"
        for count, what in ((self.retries, "retries"), (self.cool_downs, "cool-downs")):
            told += f", {count:,} {what}" if count else ""
        return told


def tell_money(money: float) -> str:
    """``2,400.00``, and ``0.0028`` where there is less than one."""
    return f"{money:,.2f}" if money >= 1 or not money else f"{money:.4f}"
