"""Two domains that are written by hand: to build from, and to copy from.

``data.environments.lending_shed:LendingShed`` and
``data.environments.energy_supplier:EnergySupplier``. They use nothing but what a user's own
environment can use: `schemas.authoring`, and Faker for names.
"""
