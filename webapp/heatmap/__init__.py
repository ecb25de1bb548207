"""Where all cases of a version went, how often and how long: on the diagram and as a table."""
