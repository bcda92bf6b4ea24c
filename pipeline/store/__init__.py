"""The tables in ``toolweave.duckdb``."""
