"""Handwritten signatures: a picture that a step asks for (``wm:signature``), bound to the decision by its digest."""
