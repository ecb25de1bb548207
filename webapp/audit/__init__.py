"""The audit log: every change and every refused attempt, written with it, then sealed into one chain of hashes."""
