"""One run of a build: its loop, its output folder, its journal."""
