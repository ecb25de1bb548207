"""What approvers do beside deciding: hand on, ask, return, take back, urge, inform, comment, put off, stand in."""
