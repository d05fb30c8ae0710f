"""The trusted side: holds inputs, expected values, tolerances and marks, and never runs a student's code."""
