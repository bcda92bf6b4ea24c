"""When builds run: a deployment of the flow that this process serves, or that a work pool has.

Each run adds what is new, and runs of one output follow one another. Each is a process of its own
that Prefect starts. Importing this module imports Prefect: enter `pipeline.run.prefect_server`
first.
"""

from typing import Any

from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import DeploymentApplyError
from prefect.types.entrypoint import EntrypointType

from pipeline.config import Settings
from pipeline.run.build_flow import build_flow
from pipeline.run.prefect_server import retry_variables
from schemas.errors import InputError


def check_cron(expression: str) -> None:
    """Raise InputError for a cron expression that cannot be read."""
    try:
        CronSchedule(cron=expression)
    except ValueError:
        raise InputError(f"is no cron expression: {expression!r}", place="cron") from None


def serve(settings: Settings, stages: str) -> None:
    """Serve the build as a deployment until interrupted.

    What a run prints goes where the schedule's own lines go.
    """
    build_flow.serve(
        **_describe(settings, stages), limit=1, global_limit=1, print_starting_message=False
    )


def deploy(settings: Settings, stages: str) -> str:
    """Leave the build to a work pool as a deployment; answers its name. Raises InputError.

    Its workers have toolweave, and see the catalogue and the output folder under the same paths.
    """
    deployment: Any = build_flow.to_deployment(
        **_describe(settings, stages),
        concurrency_limit=1,
        work_pool_name=settings.pool,
        job_variables={"env": retry_variables(settings.retries)},
    )
    try:
        deployment.apply()
    except DeploymentApplyError as error:
        raise InputError(str(error), place="pool") from None
    return str(deployment.full_name)


def _describe(settings: Settings, stages: str) -> dict[str, Any]:
    """Name, time and parameters of the deployment; its paths hold wherever it runs."""
    paths = ("tools", "observations", "world")
    absolute: dict[str, Any] = {
        key: tuple(path.resolve() for path in getattr(settings, key)) for key in paths
    }
    absolute |= {
        "out": settings.out.resolve(),
        "policy": settings.policy and settings.policy.resolve(),
        "prompts": settings.prompts and settings.prompts.resolve(),
    }
    plain = settings.model_copy(update=absolute).model_dump(mode="json", by_alias=True)
    return {
        "name": f"toolweave-{settings.out.resolve().name}",
        "cron": settings.cron,
        "parameters": {"settings": plain, "stages": stages, "add": True},
        "entrypoint_type": EntrypointType.MODULE_PATH,
    }
