"""The graders: one file for each exercise. Run them on your own work with `course check` or `pytest tests`."""
