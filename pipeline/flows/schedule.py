"""The build as a Prefect deployment: each run adds new accepted trajectories to the same output.

Runs of one output follow one another. Each is a process of its own that Prefect starts; what a
run prints goes where the schedule's own lines go.
"""

from prefect.client.schemas.schedules import CronSchedule
from prefect.types.entrypoint import EntrypointType

from pipeline.config import Settings
from pipeline.flows.build_flow import build_flow
from schemas.errors import InputError


def check_cron(expression: str) -> None:
    """Raise InputError for a cron expression that cannot be read."""
    try:
        CronSchedule(cron=expression)
    except ValueError:
        raise InputError(f"is no cron expression: {expression!r}", place="cron") from None


def serve(settings: Settings, stages: str) -> None:
    """Serve until interrupted."""
    absolute = {
        "out": settings.out.resolve(),
        "tools": tuple(path.resolve() for path in settings.tools),
        "observations": tuple(path.resolve() for path in settings.observations),
    }
    plain = settings.model_copy(update=absolute).model_dump(mode="json", by_alias=True)
    build_flow.serve(
        name=f"toolweave-{settings.out.resolve().name}",
        cron=settings.cron,
        parameters={"settings": plain, "stages": stages, "add": True},
        limit=1,
        global_limit=1,
        print_starting_message=False,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
