"""What the application knows and a diagram does not: plain data, collected by the application; None means unknown."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class FormFacts:
    """One form: the variables that it (with the rules of its step) gives to the engine, and its outcome field."""

    variables: Mapping[str, str] = field(default_factory=dict)  # engine variable → JSON type
    outcome: str | None = None  # engine variable of the outcome field
    outcome_values: tuple[str, ...] = ()
    needs_typing: bool = False  # whether it takes more than choosing its only outcome
    pictures: Set[str] = frozenset()  # fields that take one picture and nothing else


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """One registered service: its parameters, and whether it gives a result."""

    required: Set[str] = frozenset()
    optional: Set[str] = frozenset()
    has_result: bool = True
    result_values: tuple[str, ...] = ()  # if the result is one of a few texts


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that checks may hold a diagram against. Where a field is None, the checks that need it are silent."""

    forms: Mapping[str, FormFacts] | None = None  # by form key
    services: Mapping[str, ServiceFacts] | None = None  # by service name
    decisions: Mapping[str, Set[str]] | None = None  # decision id → the variables that its table sets
    process: str | None = None  # the id that the process must have
    roles: Set[str] | None = None
    functions: Set[str] | None = None  # beyond the built-in ones of expressions
    start_variables: Set[str] | None = None  # what an instance holds when it starts
    phases: Mapping[str, str] | None = None  # phases of a batch whose end a deadline may name → what they are called
    messages: Mapping[str, Set[str]] | None = None  # messages the application sends → variables they carry


def read_facts(found: Mapping[str, Any], decisions: Mapping[str, Set[str]]) -> Facts:
    """The facts as the application hands them over, as plain JSON, with what the decision tables set."""
    return Facts(
        forms={
            key: FormFacts(
                form["variables"],
                form["outcome"],
                tuple(form["outcome_values"]),
                form["needs_typing"],
                frozenset(form["pictures"]),
            )
            for key, form in found["forms"].items()
        },
        services={
            name: ServiceFacts(frozenset(service["required"]), frozenset(service["optional"]))
            for name, service in found["services"].items()
        },
        decisions=decisions if found["has_tables"] else None,
        process=found["process"],
        roles=frozenset(found["roles"]),
        functions=frozenset(found["functions"]),
        start_variables=None if found["start_variables"] is None else frozenset(found["start_variables"]),
        phases=found["phases"],
        messages={name: frozenset(carried) for name, carried in found["messages"].items()},
    )
