"""Blueprints: chains become tasks whose calls have really run."""
