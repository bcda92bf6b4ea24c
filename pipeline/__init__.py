"""The runtime around the stages: Prefect, OpenAI, DuckDB and the terminal are known here only."""
