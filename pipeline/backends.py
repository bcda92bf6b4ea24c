"""Which backend the settings ask for, and which one a finished folder is replayed in."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from data.prompts import read_prompts
from generators.backends.backend import Backend, InferredBackend
from generators.backends.model_played import ModelPlayedBackend
from generators.backends.python_backend import open_backend
from generators.world.infer import infer_world
from pipeline.cli.progress import tell
from pipeline.config import Settings
from pipeline.live.backend import open_live, open_recorded, targets_of
from pipeline.recordings import PLAYED, KeptAnswers
from pipeline.run.manifest import read_manifest
from schemas.record import JsonObject
from schemas.tool import Catalog

if TYPE_CHECKING:
    from pipeline.chat.models import Models


class Tools(NamedTuple):
    """A catalogue, and where its calls run."""

    catalog: Catalog
    backend: Backend
    deciding: JsonObject
    """What of the backend decides the data, beside the settings."""
    close: Callable[[], None] = lambda: None
    """Gives back what the backend holds open."""


def open_models(settings: Settings) -> "Models":
    """The models that play and judge. Raises InputError."""
    from pipeline.chat.models import Models  # half a second, for a model only

    return Models(settings, tell)


def environment_tools(reference: str) -> Tools:
    """The tools of a class, run by itself. Raises InputError."""
    backend = open_backend(reference)
    return Tools(backend.catalog, backend, {"environment_code": backend.fingerprint})


def catalog_tools(
    settings: Settings, catalog: Catalog, named: Sequence[tuple[str, str]],
    models: "Models | None" = None,
) -> Tools:  # fmt: skip
    """The tools of a catalogue, run as the settings say.

    ``named`` has, for each live server, the name under which its tools were read and the target;
    a model that plays the tools shares the budgets of ``models``.
    Raises InputError, OutputError.
    """
    if settings.mcp_calls:
        catalog, live = open_live(catalog, targets_of(catalog, named), settings.out)
        return Tools(catalog, live, {}, live.close)
    world = infer_world(catalog.tools, catalog.worlds)
    if settings.tools_by == "model":
        from pipeline.chat.models import open_tool_player

        # A client of its own: it belongs to the loop of the backend's thread.
        spending = models.spending if models else None
        chat, close_chat = open_tool_player(settings, tell, spending)
        answers = KeptAnswers(settings.out / PLAYED)
        played = ModelPlayedBackend(
            replace(world, answered=True),
            chat.name,
            answers,
            chat,
            prompts=read_prompts(settings.prompts),
        )

        def close() -> None:
            played.thread.run(close_chat())
            played.close()

        return Tools(catalog, played, {}, close)
    return Tools(catalog, InferredBackend(world), {})


def replaying(catalog: Catalog, folder: Path | None) -> Backend:
    """Where the calls of a folder's trajectories are replayed: without servers, without a model.

    Without a folder, or a manifest in it, that is the sandbox. Raises InputError, OutputError.
    """
    manifest = read_manifest(folder) if folder is not None else None
    settings = manifest.settings if manifest is not None else {}
    if folder is not None and settings.get("environment"):
        return open_backend(str(settings["environment"]))
    if folder is not None and settings.get("mcp_calls"):
        return open_recorded(catalog, folder)
    world = infer_world(catalog.tools, catalog.worlds)
    if folder is not None and settings.get("tools_by") == "model":
        roles = settings.get("roles", {})
        named = [roles.get(one, {}).get("model") for one in ("tool", "all")]
        name = next(filter(None, [*named, settings.get("model")]))
        played = replace(world, answered=True)
        return ModelPlayedBackend(played, str(name), KeptAnswers(folder / PLAYED))
    return InferredBackend(world)
