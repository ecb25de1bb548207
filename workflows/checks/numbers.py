"""Whole numbers as designers write them in attributes: plain digits, within bounds."""


def is_whole(text: str, least: int, most: int) -> bool:
    """Whether `text` is a number from `least` to `most`, written in at most as many digits as `most` has."""
    return text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and least <= int(text) <= most
