"""The build as a Prefect deployment: each run adds new accepted trajectories to the same output.

Runs of one output follow one another. Each is a process of its own that Prefect starts; what a
run prints goes where the schedule's own lines go.
"""

from prefect.flows import EntrypointType

from pipeline.config import Settings
from pipeline.flows import build_flow


def serve(settings: Settings, opener: str) -> None:
    """Serve until interrupted. Raises ValueError for a cron expression that Prefect cannot read."""
    absolute = {
        "out": settings.out.resolve(),
        "tools": tuple(path.resolve() for path in settings.tools),
    }
    plain = settings.model_copy(update=absolute).model_dump(mode="json", by_alias=True)
    build_flow.serve(
        name=f"toolweave-{settings.out.resolve().name}",
        cron=settings.cron,
        parameters={"settings": plain, "opener": opener, "add": True},
        limit=1,
        global_limit=1,
        print_starting_message=False,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
