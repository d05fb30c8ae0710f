"""Exports: what gradebooks of other systems import, made from the results records and from nothing else."""
