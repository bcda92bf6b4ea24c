"""The settings of a build: from a YAML file, overridden by the command line.

The key of a model's endpoint is no setting: it is read from ``OPENAI_API_KEY`` where it is used.
"""

import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit, urlunsplit

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pipeline.chat.profile import Profile
from schemas.brief import Manner
from schemas.chat import Role
from schemas.errors import InputError
from schemas.mistake import Use
from schemas.record import JsonObject
from schemas.weights import Weights

Share = Annotated[float, Field(ge=0, le=1)]
_ASKING = ("judge_edges", "complete_results", "complete_world")
_UNTOLD = {"quiet", "as_json", "out", "workers", "task_runner", "pool", "retries"}
"""What no manifest tells: it makes no difference to the data."""
_TOGETHER = "together"
"""Type of the faults that lie in several settings at once."""


class Settings(BaseModel):
    """Everything that a build can be told, each setting once.

    A key of the YAML file is a field; the options of the command line are made of the fields, and
    the words below one are its line in ``--help`` (`pipeline.cli.app`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tools: tuple[Path, ...] = ()
    """A file or folder of tool definitions; may be given again. (default: ours)"""
    mcp: tuple[str, ...] = ()
    """A live MCP server: a command line such as 'mcp-server-time', or a URL; may be given again."""
    strict: bool = False
    """What would be skipped is an error."""
    include_doubtful: bool = False
    """Offer tools too of which it was guessed what they do."""
    result_tokens: int = Field(default=2_000, ge=1)
    """Tokens of a result beyond which its tool is left out."""
    run_python: bool = False
    """Run files of Python to see more; else they are read."""
    max_description: int = Field(default=1024, ge=1)
    """Characters of a description of a tool or parameter; what is longer is cut."""
    environment: str | None = Field(default=None, min_length=1)
    """A class of Python whose methods are the tools; FILE.py:CLASS works too."""
    mcp_calls: bool = False
    """The servers' tools are really called, and what they answer is recorded."""
    tools_by: Literal["sandbox", "model"] = "sandbox"
    """Who runs the calls of a catalogue."""
    observations: tuple[Path, ...] = ()
    """Recorded results, from which schemas of results are inferred."""
    complete_results: bool = False
    """The model completes schemas of results that nothing else tells."""
    world: tuple[Path, ...] = ()
    """A YAML file with the world model of the tools; may be given again."""
    policy: Path | None = None
    """A text with the assistant's policy, in place of the drawn one."""
    complete_world: bool | None = None
    """The model completes the world model, once. (default: where there is a model)"""
    dedup: float = Field(default=0.9, ge=0, le=1)
    """Merge tools whose texts are so alike, from 0 to 1; 0 merges none."""
    recipe: str = Field(default="full", min_length=1)
    """How edges of the tool graph are found."""
    judge_edges: bool = False
    """Let the model judge each edge; needs --model."""
    check_edges: bool = False
    """Try each edge: does a call with the value run?"""
    sampler: str = Field(default="goal", min_length=1)
    """How chains of calls are drawn."""
    mix: dict[str, Any] = Field(default_factory=dict)
    """How often operators are tried, where that differs from the usual."""
    weights: Weights | None = None
    """What is drawn more often: a file that `toolweave probe --write-weights` writes, or what it
    holds."""
    structure: dict[str, Any] | None = None
    """What chains are to look like. None is the usual mix for the usual sampler; for the others,
    chains as they draw them."""
    near: int | None = Field(default=None, ge=0)
    """Offered tools that are near those that are needed; None is as many as usual."""
    size: int | None = Field(default=None, ge=1)
    """Offered tools in all; None is as many as usual."""
    errors: dict[Use, Share] = Field(default_factory=dict)
    """Shares of the accepted conversations in which mistakes are made when a build is complete."""
    out: Path = Path("out/toolweave")
    """Output folder."""
    n: int = Field(default=100, ge=1)
    """Accepted trajectories in the end."""
    seed: int = 0
    """The same seed makes the same data."""
    model: str | None = Field(default=None, min_length=1)
    """A model plays user, assistant and judge. (default: scripts do)"""
    base_url: str | None = None
    """Its OpenAI-compatible endpoint; the key is OPENAI_API_KEY."""
    judge_model: str | None = Field(default=None, min_length=1)
    """Another model that judges. (default: the same)"""
    user_model: str | None = Field(default=None, min_length=1)
    """Another model that plays the user. (default: the same; of served tasks, a script)"""
    user_base_url: str | None = None
    """Its endpoint. (default: that of the others)"""
    prompts: Path | None = None
    """A folder with prompts of any role, in place of the shipped ones."""
    rewrite: bool = False
    """The model puts scripted conversations into other words; it plays nobody."""
    write_tasks: bool = False
    """A model puts the wishes of each task into words, and another one tries them out."""
    unwritten: Literal["keep", "drop"] = "keep"
    """A task for which no words were accepted keeps its own, or is dropped."""
    best_of: int = Field(default=1, ge=1, le=16)
    """Samples of the user's model for a message, where it says what it was not given."""
    judges: tuple[Profile, ...] = ()
    """Further judges, who vote with the first."""
    votes: Literal["majority", "any_bad"] = "majority"
    """What counts of several judges' findings: those of at least a half, or anyone's."""
    roles: dict[
        Literal[
            "all",
            "user",
            "assistant",
            "writer",
            "reviewer",
            "judge",
            "second_judge",
            "documenter",
            "tool",
        ],
        Profile,
    ] = Field(default_factory=dict)
    """What is said of each role: its model, endpoint, sampling, limits, price."""
    manners: dict[Manner, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    """In which share of modelled conversations the user is hard to serve, and how."""
    move_tries: int = Field(default=2, ge=0)
    """How often a modelled assistant's move is asked for again that a check turns down."""
    dialogue_tries: int = Field(default=1, ge=0)
    """How often a modelled dialogue that fails is played again, with another seed."""
    most_requests: int = Field(default=200, ge=1)
    """Requests that a candidate may take."""
    most_tokens: int = Field(default=1_000_000, ge=1)
    """Tokens that they and their replies may have."""
    budget_money: float | None = Field(default=None, gt=0)
    """What the models of the folder may cost in all; then the run ends."""
    budget_tokens: int | None = Field(default=None, ge=1)
    """Tokens that they may read and write in all."""
    budget_minutes: float | None = Field(default=None, gt=0)
    """Minutes after which this run asks no more."""
    concurrency: int = Field(default=8, ge=1)
    """Dialogues open at once, and requests to an endpoint."""
    workers: int | None = Field(default=None, ge=1)
    """Processes at work. (default: one for each core; with live calls, one)"""
    shard_size: int = Field(default=50, ge=1)
    """Candidates a shard."""
    max_candidates: int | None = Field(default=None, ge=1)
    """Stop after so many candidates. (default: 4 n + 50)"""
    prefect: bool | None = None
    """Run as a Prefect flow. (default: where PREFECT_API_URL is set)"""
    task_runner: dict[str, Any] = Field(default_factory=dict)
    """The task runner of Prefect that is handed the shards: its ``class``, by default
    prefect_dask.DaskTaskRunner, and what it is made with."""
    cron: str | None = None
    """When to run, such as '0 2 * * *'."""
    once: bool = False
    """Make one scheduled run, now."""
    pool: str | None = Field(default=None, min_length=1)
    """The work pool of Prefect whose workers make the runs. (default: this command does)"""
    retries: int = Field(default=0, ge=0)
    """How often a run that fails is tried again."""
    quiet: bool = False
    """Print errors only."""
    as_json: bool = Field(default=False, alias="json")
    """Print one JSON document to stdout."""

    @field_validator("weights", mode="before")
    @classmethod
    def _read_weights(cls, value: object) -> object:
        return _read_yaml(Path(value)) if isinstance(value, str | Path) else value

    @field_validator("base_url", "user_base_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("must begin with http:// or https://")
        return value

    @model_validator(mode="after")
    def _fit_together(self) -> "Settings":
        played = self.tools_by == "model"
        asking = {key: getattr(self, key) for key in _ASKING} | {"tools_by: model": played}
        backends = {"environment": self.environment is not None, "mcp_calls": self.mcp_calls}
        told = [key for key, is_told in (backends | {"tools_by: model": played}).items() if is_told]
        own = backends["environment"] and (self.tools or self.mcp)
        faults = (
            *(
                (asks and not self.model, f"{key} needs a model: give --model")
                for key, asks in asking.items()
            ),
            (
                self.user_base_url and not self.user_model,
                "user_base_url needs a model: give --user-model",
            ),
            (self.rewrite and not self.model, "rewrite needs a model: give --model"),
            (self.write_tasks and not self.model, "write_tasks needs a model: give --model"),
            (
                self.judges and not (self.model or self.judge_model),
                "judges need a model: give --model or --judge-model",
            ),
            (self.write_tasks and self.rewrite, "write_tasks and rewrite exclude each other"),
            (
                self.write_tasks and self.mcp_calls,
                "write_tasks tries wishes out, which live servers cannot take back",
            ),
            (
                self.judges and "second_judge" in self.roles,
                "judges vote, and second_judge is asked after a single one: name either",
            ),
            (
                self.roles and not (self.model or self.user_model or self.judge_model),
                "roles need a model: give --model",
            ),
            (
                self.budget_money is not None
                and any(profile.price is None for profile in self._asked),
                "budget_money needs the price of each model: give it under 'roles'",
            ),
            (self.manners and "user" not in self.players, "manners need a model that plays"),
            (sum(self.manners.values()) > 1, "manners: the shares are more than 1 together"),
            (self.mcp_calls and not self.mcp, "mcp_calls needs live servers: give --mcp"),
            (len(told) > 1, f"{' and '.join(told[:2])} exclude each other"),
            (own, "an environment has its own tools: give it, or --tools and --mcp"),
            (
                self.environment is not None and self.policy is not None,
                "an environment has its own policy",
            ),
        )
        for is_there, fault in faults:
            if is_there:
                raise PydanticCustomError(_TOGETHER, "{fault}", {"fault": fault})
        return self

    @property
    def deciding(self) -> JsonObject:
        """What decides the data beside the tools themselves, the seed and the roles."""
        keys = (
            *("recipe", "judge_edges", "check_edges", "sampler", "structure", "mix"),
            *("near", "size", "environment", "mcp_calls", "tools_by"),
            *("write_tasks", "unwritten", "best_of", "votes"),
        )
        asked: tuple[Role, ...] = ("user", "assistant", "writer", "reviewer", "tool")
        played = (*self.players, "tool") if self.model else ()
        roles = [role for role in asked if role in played]
        sampling = {role: self.profile(role).sampling for role in roles}
        tries = ("move_tries", "dialogue_tries", "manners") if "assistant" in self.players else ()
        weights = self.weights and self.weights.model_dump(mode="json")
        return {
            **{key: getattr(self, key) for key in (*keys, *tries)},
            "weights": weights,
            "sampling": {role: told for role, told in sampling.items() if told},
        }

    @property
    def players(self) -> tuple[Role, ...]:
        """The roles in which models are asked for a candidate.

        What is proven needs no judge before it is put into other words, nor after: only where one
        is named. It is then asked about conversations in words of rules, too.
        """
        if self.model is None:
            return ("judge",) if self.judge_model else ()
        if not self.rewrite:
            return (*(("writer", "reviewer") if self.write_tasks else ()),
                    "user", "assistant", "judge")  # fmt: skip
        named = self.judge_model or self.judges or {"judge", "second_judge"} & {*self.roles}
        return ("writer", "judge") if named else ("writer",)

    def profile(self, role: Role) -> Profile:
        """Who plays a role: what is said of it, over what is said of all."""
        profile = self._complete(self.roles.get(role))
        if role == "judge" and self.judge_model:
            profile = profile.model_copy(update={"model": self.judge_model})
        if role == "user" and self.user_model:
            own = {"model": self.user_model, "base_url": self.user_base_url or profile.base_url}
            profile = profile.model_copy(update=own)
        return profile

    @property
    def _asked(self) -> list[Profile]:
        """Whoever is paid."""
        served = [self.profile("user")] if self.user_model else []
        return [*(profile for _, profile in self.seats.values()), *served]

    @property
    def seats(self) -> dict[str, tuple[Role, Profile]]:
        """Who is asked for a candidate, by a name of their own: of judges there may be several."""
        seats: dict[str, tuple[Role, Profile]] = {
            role: (role, self.profile(role)) for role in self.players
        }
        if "judge" in seats:
            for number, one in enumerate(self.judges, 2):
                seats[f"judge_{number}"] = "judge", self._complete(one)
            if "second_judge" in self.roles:
                seats["second_judge"] = "judge", self._complete(self.roles["second_judge"])
        return seats

    def _complete(self, own: Profile | None) -> Profile:
        """What is said of one, over what is said of all."""
        known = {"model": self.model, "base_url": self.base_url}
        for one in (self.roles.get("all"), own):
            known |= one.model_dump(exclude_unset=True) if one else {}
        return Profile.model_validate(known)

    @property
    def completes_world(self) -> bool:
        """Whether a model is asked what the tools mean."""
        return self.model is not None and self.complete_world is not False

    @property
    def processes(self) -> int:
        """How many processes play."""
        return 1 if self.plays_here else self.workers or count_cores()

    @property
    def plays_here(self) -> bool:
        """Whether dialogues stay in the process that has opened what runs their calls."""
        return self.mcp_calls or self.tools_by == "model"

    @property
    def cap(self) -> int:
        """The most candidates that may be made."""
        return self.max_candidates or 4 * self.n + 50

    @property
    def recorded(self) -> JsonObject:
        """What the manifest tells of the settings: without names and passwords in the address."""
        values = self.model_dump(mode="json", by_alias=True, exclude=_UNTOLD)
        values["mcp"] = list(map(_bare, self.mcp))
        values["base_url"] = self.base_url and _bare(self.base_url)
        values["user_base_url"] = self.user_base_url and _bare(self.user_base_url)
        values["roles"] = {role: _told(one) for role, one in self.roles.items()}
        values["judges"] = list(map(_told, self.judges))
        empty: tuple[object, ...] = ([], {})
        usual = {"unwritten": "keep", "votes": "majority", "best_of": 1}
        return {
            key: value
            for key, value in values.items()
            if value is not None and value is not False and value not in empty
            if usual.get(key) != value
        }


def count_cores() -> int:
    """The cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _told(profile: Profile) -> JsonObject:
    """What is said of one who plays, without names and passwords in the address."""
    return {
        key: _bare(told) if key == "base_url" and told else told
        for key, told in profile.model_dump(mode="json", exclude_unset=True).items()
    }


def _bare(target: str) -> str:
    """An address without user, password and query; a command line as it is."""
    address = urlsplit(target)
    if address.scheme not in ("http", "https"):
        return target
    return urlunsplit((address.scheme, address.netloc.rpartition("@")[2], address.path, "", ""))


KEYS = tuple(field.alias or name for name, field in Settings.model_fields.items())


def load_settings(file: Path | None, options: JsonObject) -> Settings:
    """Read ``file``, lay ``options`` over it (None means not given), validate.

    Raises InputError with the file, the key and what is allowed.
    """
    given = {key: value for key, value in options.items() if value not in (None, [], ())}
    return validate(_read_yaml(file) | given, str(file) if file else "")


def validate(values: JsonObject, file: str = "") -> Settings:
    """Make settings of plain values; ``file`` is named in the InputError."""
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise refused(error, file, KEYS) from None


def refused(
    error: ValidationError, file: str = "", keys: Sequence[str] = (), inside: str = ""
) -> InputError:
    """The first fault as a user understands it; ``keys`` are those that are allowed."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in (*filter(None, [inside]), *first["loc"]))
    message = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        near = get_close_matches(str(first["loc"][-1]), keys, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ";" if keys else ""
        allowed = f" allowed are {', '.join(keys)}" if keys else ""
        message = f"unknown key{hint}{allowed}"
    elif first["type"] != _TOGETHER:
        value = repr(first["input"])
        shown = value if len(value) <= 60 else f"{value[:60]}…"
        message = f"{message[:1].lower()}{message[1:]}, not {shown}"
    return InputError(message, file=file, place=place)


def _read_yaml(file: Path | None) -> JsonObject:
    if file is None:
        return {}
    name = str(file)
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=name) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text", file=name) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InputError("is not YAML", file=name, place=place) from None
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise InputError("must hold keys and values, such as 'n: 200'", file=name)
    return values
