"""Tasks: who may do a step, until when, what they typed, and the decision that drives the case on."""
