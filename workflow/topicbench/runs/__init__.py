"""Runs: which documents each reads, fitting, and the files and record it leaves."""
