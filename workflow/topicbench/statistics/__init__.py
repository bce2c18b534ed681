"""Significance tests and analyses of variance over runs."""
