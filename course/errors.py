"""The one exception whose text is written for the user."""


class CourseError(Exception):
    """A sentence for the user: what happened, where, and what to do next."""
