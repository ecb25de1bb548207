"""Find a region by what people write: a code, a name, or a name with the names above it (岳阳市云溪区)."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A region as the search knows it."""

    code: str
    name: str
    level: str
    path: str

    @property
    def city_code(self) -> str | None:
        """The city that it is or lies in; ``None`` for a province."""
        parts = self.path.split("/")
        return parts[1] if len(parts) > 1 else None


def squeeze(text: str) -> str:
    """A name as it is compared: half width, without blanks."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


class Places:
    """The regions within ``root`` (a path; ``None`` for all), by code and by every way to write their names."""

    def __init__(self, places: Iterable[Place], root: str | None) -> None:
        self._all = {place.code: place for place in places}
        self._root = root
        self._by_name: dict[str, list[Place]] = {}
        for place in self._all.values():
            if self.is_within(place):
                for name in self._spellings(place):
                    self._by_name.setdefault(name, []).append(place)

    def _spellings(self, place: Place) -> set[str]:
        names = [self._all[code].name for code in place.path.split("/")]
        return {squeeze("".join(names[start:])) for start in range(len(names))} | {squeeze(names[0] + names[-1])}

    def is_within(self, place: Place) -> bool:
        """Whether the place lies in the subtree that was asked for."""
        return self._root is None or f"{place.path}/".startswith(f"{self._root}/")

    def get(self, code: str) -> Place:
        """The place of a known code."""
        return self._all[code]

    def knows(self, code: str) -> bool:
        return code in self._all

    def find(self, text: str) -> list[Place]:
        """The places that ``text`` may mean; a code decides alone, wherever it lies."""
        by_code = self._all.get(squeeze(text).upper())
        if by_code is not None:
            return [by_code]
        return self._by_name.get(squeeze(re.sub(r"[/>、，,\\-]", "", text)), [])

    def children_of(self, code: str) -> dict[str, str]:
        """Code → name of what lies directly under a region."""
        prefix = f"{self._all[code].path}/"
        return {
            place.code: place.name
            for place in self._all.values()
            if place.path.startswith(prefix) and "/" not in place.path[len(prefix) :]
        }
