"""Fitting topic models and recording what each run did."""
