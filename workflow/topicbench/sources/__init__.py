"""Fetching what a configuration names but no Python package holds: corpora, models, word vectors, Palmetto."""
