"""`course watch`: a view of the current task that follows every save."""
