"""The build as Prefect flows, schedules, and a Prefect server for one run."""
