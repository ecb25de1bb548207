"""Accounts: who logs in with which roles at which organisation, and how an office keeps the accounts of its units."""
