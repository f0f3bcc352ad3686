"""Finds what a file lets lower: models with their inputs, saved programs, suggestions."""
