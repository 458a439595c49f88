"""Rosters: files that say who is to be awarded what."""
