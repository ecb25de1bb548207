"""Deadlines 期限: the working calendar, when steps are due by it, extensions, pauses, and computing all of it anew."""
