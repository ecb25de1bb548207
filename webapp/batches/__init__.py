"""Batches 批次: what may be declared from when to when, by which rules; and what is done for all its cases together."""
