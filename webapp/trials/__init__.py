"""Trying processes out before they count: dry runs by hand, saved test cases, and the ZIP of a whole process.

What is tried really runs: engine, forms, rules, services, candidates and deadlines are the application's own, in a
world of samples, within one transaction that is always rolled back, in a process of its own with limits. So nothing of
it is ever in an inbox, a mail, the registry or the audit log. A service needs no dry behaviour of its own; one that did
anything outside of the transaction could not be tried and has no place in a process.
"""
