"""The registry: regions, organisations under their names of every time, honours, and the awards that they hold."""
