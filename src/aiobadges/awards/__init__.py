"""Bulk awards: a roster goes in, an outcome for each of its rows comes out."""
