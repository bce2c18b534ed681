"""Judges that rate topics, and how good they are."""
