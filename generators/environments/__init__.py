"""Two domains that are written by hand: to build from, and to copy from.

``generators.environments.lending_shed:LendingShed`` and
``generators.environments.energy_supplier:EnergySupplier``. They use nothing but what a user's own
environment can use: `generators.backends.authoring`, and Faker for names.
"""
