"""Help pages, one per role: what is asked of me, where I find it, by when."""
