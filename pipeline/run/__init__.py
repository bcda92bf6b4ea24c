"""One run of a build, by Prefect too: its loop, its output folder, its journal, its tables."""
