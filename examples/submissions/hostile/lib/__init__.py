"""The parts of a segmentation system: data sets, losses, metrics and networks."""
