"""Experiments: which runs each asks for."""
