"""The inbox: lists of tasks by view, narrowed, sorted, searched, saved, and cleared one after the other or together."""
