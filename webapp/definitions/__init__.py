"""Published versions of processes: immutable, checked, loaded once, and shared by all cases that run on them."""
