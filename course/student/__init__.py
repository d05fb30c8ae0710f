"""What a student works with: checks of their own files, messages, hints, and a view that follows every save."""
