"""The seeds from which all inputs of the checks are drawn."""

# What students check their work with, and what is recorded for their copies.
PUBLIC_SEED = 0
