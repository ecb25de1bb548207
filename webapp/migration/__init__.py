"""Running cases go on in another version of their process: chosen, examined, moved one by one, and back."""
