"""Who plays a role: the model, its endpoint, how it is asked, its price, when it is given up."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.chat import Role

KEY_VARIABLE = "OPENAI_API_KEY"
REPLY_TOKENS: dict[Role, int] = {
    "user": 1_000, "assistant": 2_000, "writer": 6_000, "reviewer": 2_000, "judge": 1_500,
}  # fmt: skip
"""Tokens of a reply beyond which it is cut off, where nobody says another number."""


class Price(BaseModel):
    """Money for a million tokens, in whatever currency the rest is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(default=0.0, ge=0)
    output: float = Field(default=0.0, ge=0)
    cached: float | None = Field(default=None, ge=0)
    """Of input that the endpoint had read before; as other input where it is not told."""

    def cost(self, read: int, cached: int, written: int) -> float:
        """Of so many tokens, ``cached`` among those that were ``read``."""
        again = self.input if self.cached is None else self.cached
        return ((read - cached) * self.input + cached * again + written * self.output) / 1e6


class Profile(BaseModel):
    """What can be said of a role; what is not said is as for all roles."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str | None = Field(default=None, min_length=1)
    base_url: str | None = None
    key: str = KEY_VARIABLE
    """The variable of the environment that has the key."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Header → the variable of the environment that has its value."""
    extra_body: dict[str, Any] = Field(default_factory=dict)
    """What is sent besides, such as ``top_k``."""
    temperature: float | None = Field(default=None, ge=0)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    """Of a reply."""
    timeout: float = Field(default=120.0, gt=0)
    """Seconds for one attempt at a request, from its first byte to the last of the reply."""
    attempts: int = Field(default=4, ge=1)
    """Failures of one request while others are answered: then it is refused."""
    pause: float = Field(default=0.5, gt=0)
    """Seconds of the first pause after a failure; each one after it is up to twice as long."""
    outage: float = Field(default=20.0, ge=0)
    """Seconds without any answer, and with failures: then the endpoint is dead."""
    most_refused: int = Field(default=10, ge=1)
    """Requests in a row that cannot be served: then the run ends."""
    price: Price | None = None

    def limit(self, role: Role) -> int | None:
        """Tokens of a reply."""
        return self.max_tokens or REPLY_TOKENS.get(role)

    @property
    def sampling(self) -> dict[str, Any]:
        """What decides the replies, beside the model and the words."""
        keys = {"temperature", "top_p", "extra_body"}
        return self.model_dump(mode="json", include=keys, exclude_defaults=True)
