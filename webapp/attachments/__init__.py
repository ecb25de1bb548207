"""Attachments: kept once by their digest, written before the commit, handed out only to who may see the case."""
