"""Imports of units, regions, people and places: tried first with a report of each row, then all or nothing is taken."""
