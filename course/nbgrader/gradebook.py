"""Where nbgrader's gradebook is."""

from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory


def configured_url() -> str:
    """Return the database's URL as nbgrader itself would find it in this folder: nbgrader_config.py has the say."""
    app = NbGrader()
    app.load_config_file()
    return CourseDirectory(config=app.config).db_url
