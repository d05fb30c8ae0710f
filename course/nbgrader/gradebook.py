"""Where nbgrader has its folders and its gradebook."""

from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory


def configured() -> CourseDirectory:
    """Return nbgrader's own description of the course in this folder: nbgrader_config.py has the say."""
    app = NbGrader()
    app.load_config_file()
    return CourseDirectory(config=app.config)
