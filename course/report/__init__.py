"""Reports: all made from the results records, and from nothing else."""
