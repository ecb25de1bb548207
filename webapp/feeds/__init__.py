"""The calendar feed: one's own deadlines under a secret address that a calendar program reads without a login.

The address shows what the inbox of its owner shows, no more; a new one makes the old one void.
"""
