"""Known answers to the data sets."""
