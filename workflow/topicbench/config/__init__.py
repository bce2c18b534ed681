"""The configuration: the sections of all stages put together, loaded and documented."""
