"""The machinery of the course: catalogue, graders, data, reports, commands."""
