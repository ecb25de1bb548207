"""A service of the declaration that fails for the length of a block, as when its data are wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn

from webapp.instances import processes
from webapp.instances.processes import rules_of


@contextmanager
def broken(service: str, process: str = "declaration") -> Iterator[None]:
    """Let a service raise; afterwards it works as before."""

    def fail(_case: Any, **_arguments: Any) -> NoReturn:
        raise RuntimeError("名额台账无法读取")

    good = rules_of(process)
    processes.register(replace(good, services={**good.services, service: fail}))
    try:
        yield
    finally:
        processes.register(good)
