"""nbgrader for this course. Its commands are run in this folder; docs/instructors.md says in which order.

Where the folders of a class lie, and which database holds the marks, may be changed here. The rest keeps students'
code away from the marks: change it only with course/nbgrader/ in hand.
"""

import os

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    GetGrades,
    IgnorePattern,
    LimitOutput,
)

from course.nbgrader.autograde import EnclosedExecute, SaveQuestionGrades
from course.nbgrader.feedback import TrustedResults
from course.nbgrader.harmless import HarmlessNotebook, markdown2html
from course.release.notebooks import STAND_INS

c = get_config()  # noqa: F821 - given by nbgrader

# The notebooks lie alone in their folders: nbgrader releases everything that lies beside them.
c.CourseDirectory.source_directory = "notebooks"
c.CourseDirectory.release_directory = "class/release"
c.CourseDirectory.submitted_directory = "class/submitted"
c.CourseDirectory.autograded_directory = "class/autograded"
c.CourseDirectory.feedback_directory = "class/feedback"
c.CourseDirectory.solution_directory = "class/solution"

# Any database that SQLAlchemy knows; by default gradebook.db in this folder.
if "GRADEBOOK_URL" in os.environ:
    c.CourseDirectory.db_url = os.environ["GRADEBOOK_URL"]

# As in the students' repository, so that an answer that was not given is recognised wherever a notebook comes from.
c.ClearSolutions.text_stub = STAND_INS["markdown"]

# Students' notebooks run in a sandbox, and what they print earns nothing: `course nbgrader marks` writes the points.
c.Autograde.autograde_preprocessors = [
    EnclosedExecute,
    IgnorePattern,
    LimitOutput,
    HarmlessNotebook,
    SaveQuestionGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
c.EnclosedExecute.timeout = 180  # seconds for a cell; nbgrader's own 30 are too few for one that trains
c.EnclosedExecute.total_time = 900  # seconds for a notebook

# Feedback shows what the course's graders found, and neither it nor the formgrader runs a script of a student's.
c.GenerateFeedback.preprocessors = [TrustedResults, GetGrades, CSSHTMLHeaderPreprocessor]
c.TrustedResults.results = "results"  # the folder that `course grade --out` wrote
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {"markdown2html": markdown2html}  # nbgrader's pages leave out to sanitise texts
