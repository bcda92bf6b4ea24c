"""The settings of a build: from a YAML file, overridden by the command line.

The key of a model's endpoint is no setting: it is read from ``OPENAI_API_KEY`` where it is used.
"""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal
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

from schemas.errors import InputError
from schemas.record import JsonObject

DEFAULT_OUT = Path("out/toolweave")


class Settings(BaseModel):
    """Everything that a build can be told. Every option of the command line is a key here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tools: tuple[Path, ...] = ()
    """Catalogue files; none, and no server either, means the project's own."""
    mcp: tuple[str, ...] = ()
    """Live MCP servers: command lines, or addresses."""
    strict: bool = False
    """What would be skipped is an error."""
    run_python: bool = False
    """Files of Python are run to see more, not only read."""
    environment: str | None = Field(default=None, min_length=1)
    """A class whose methods are the tools: ``module:Class``, or ``file.py:Class``."""
    mcp_calls: bool = False
    """The servers' tools are really called, and what they answer is recorded."""
    tools_by: Literal["sandbox", "model"] = "sandbox"
    """Who runs the calls of a catalogue."""
    observations: tuple[Path, ...] = ()
    """Recorded results, from which schemas of results are inferred."""
    complete_results: bool = False
    """The model completes schemas of results that nothing else tells."""
    world: tuple[Path, ...] = ()
    """Files that say otherwise than would be inferred, beside those that lie beside catalogues."""
    complete_world: bool = False
    """The model says what tools do whose inference is in doubt."""
    dedup: float = Field(default=0.9, ge=0, le=1)
    """Tools whose texts are so alike are merged; 0 merges none."""
    recipe: str = Field(default="full", min_length=1)
    """How edges are found."""
    judge_edges: bool = False
    """The model judges each edge."""
    check_edges: bool = False
    """Each edge is tried in the sandbox."""
    sampler: str = Field(default="random_walk", min_length=1)
    mix: dict[str, Any] = Field(default_factory=dict)
    """How often operators are tried, where that differs from the usual."""
    structure: dict[str, Any] | None = None
    """What chains are to look like. None is the usual mix for the usual sampler; for the others,
    chains as they draw them."""
    near: int | None = Field(default=None, ge=0)
    """Offered tools that are near those that are needed; None is as many as usual."""
    size: int | None = Field(default=None, ge=1)
    """Offered tools in all; None is as many as usual."""
    out: Path = DEFAULT_OUT
    n: int = Field(default=100, ge=1)
    """Accepted trajectories asked for; for a schedule, new ones a run."""
    seed: int = 0
    model: str | None = Field(default=None, min_length=1)
    """None plays every role by script."""
    base_url: str | None = None
    """None with a model is the endpoint that the openai package takes by default."""
    concurrency: int = Field(default=8, ge=1)
    """Dialogues open at once."""
    shard_size: int = Field(default=50, ge=1)
    """Candidates a shard; an output folder keeps the size that it began with."""
    max_candidates: int | None = Field(default=None, ge=1)
    """Where to stop if too much is rejected; None is ``4 n + 50``."""
    prefect: bool | None = None
    """Run as a Prefect flow; None does so where ``PREFECT_API_URL`` is set."""
    cron: str | None = None
    """When a schedule runs."""
    once: bool = False
    """Let a schedule run once, now."""
    quiet: bool = False
    as_json: bool = Field(default=False, alias="json")

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("must begin with http:// or https://")
        return value

    @model_validator(mode="after")
    def _has_model(self) -> "Settings":
        for key in ("judge_edges", "complete_results", "complete_world"):
            if getattr(self, key) and not self.model:
                raise PydanticCustomError("no_model", f"{key} needs a model: give --model")
        if self.tools_by == "model" and not self.model:
            raise PydanticCustomError("no_model", "tools_by: model needs a model: give --model")
        return self

    @model_validator(mode="after")
    def _has_one_backend(self) -> "Settings":
        if self.mcp_calls and not self.mcp:
            raise PydanticCustomError("backends", "mcp_calls needs live servers: give --mcp")
        told = {
            "environment": self.environment is not None,
            "mcp_calls": self.mcp_calls,
            "tools_by: model": self.tools_by == "model",
        }
        several = [key for key, is_told in told.items() if is_told]
        if len(several) > 1:
            problem = f"{several[0]} and {several[1]} exclude each other"
            raise PydanticCustomError("backends", "{problem}", {"problem": problem})
        if self.environment is not None and (self.tools or self.mcp):
            problem = "an environment has its own tools: give it, or --tools and --mcp"
            raise PydanticCustomError("backends", "{problem}", {"problem": problem})
        return self

    @property
    def deciding(self) -> JsonObject:
        """What decides the data beside the tools themselves, the seed and the roles."""
        keys = (
            *("recipe", "judge_edges", "check_edges", "sampler", "structure", "mix"),
            *("near", "size", "environment", "mcp_calls", "tools_by"),
        )
        return {key: getattr(self, key) for key in keys}

    @property
    def cap(self) -> int:
        """The most candidates that may be made."""
        return self.max_candidates or 4 * self.n + 50

    @property
    def recorded(self) -> JsonObject:
        """What the manifest tells of the settings: without names and passwords in the address."""
        values = self.model_dump(mode="json", by_alias=True, exclude={"quiet", "as_json", "out"})
        if self.base_url:
            values["base_url"] = _bare(self.base_url)
        values["mcp"] = [_bare(target) for target in self.mcp]
        return {
            key: value
            for key, value in values.items()
            if value is not None and value is not False and value not in ([], {})
        }


def _bare(target: str) -> str:
    """An address without user, password and query; a command line as it is."""
    address = urlsplit(target)
    if address.scheme not in ("http", "https"):
        return target
    host = address.netloc.rpartition("@")[2]
    return urlunsplit((address.scheme, host, address.path, "", ""))


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
    return InputError(_problem(dict(first), keys), file=file, place=place)


def _problem(error: JsonObject, keys: Sequence[str]) -> str:
    if error["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        near = difflib.get_close_matches(str(error["loc"][-1]), keys, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ";" if keys else ""
        allowed = f" allowed are {', '.join(keys)}" if keys else ""
        return f"unknown key{hint}{allowed}"
    if error["type"] in ("no_model", "backends"):
        return str(error["msg"])
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{message[:1].lower()}{message[1:]}, not {_shorten(error['input'])}"


def _shorten(value: Any, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}…"


def _read_yaml(file: Path | None) -> JsonObject:
    if file is None:
        return {}
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(file)) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text", file=str(file)) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            "is not YAML",
            file=str(file),
            place=f"line {mark.line + 1}, column {mark.column + 1}" if mark else "",
        ) from None
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise InputError("must hold keys and values, such as 'n: 200'", file=str(file))
    return values
