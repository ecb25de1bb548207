"""The browser decides conditions as the server does: random conditions on random data, no difference."""

import json
import random
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

import forms
from forms.conditions import Names, parse_condition

SCRIPT = (Path(forms.__file__).parent / "assets" / "conditions.js").read_text(encoding="utf-8")
VALUES = [None, True, False, 0, 1, 2.5, "", "a", "b", "1"]
NAMES = ["x", "y", "z"]
RUN = """async ([script, cases]) => {
  const { evaluate } = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  return cases.map(([node, data]) => evaluate(node, (path) => data[path[0]] ?? null) === true);
}"""


def operand(chance: random.Random) -> str:
    return chance.choice(NAMES) if chance.random() < 0.6 else json.dumps(chance.choice(VALUES))


def expression(chance: random.Random, depth: int) -> str:
    kind = chance.random()
    if depth == 0 or kind < 0.4:
        return f"{operand(chance)} {chance.choice(['=', '!=', '<', '<=', '>', '>='])} {operand(chance)}"
    if kind < 0.5:
        return operand(chance)
    if kind < 0.65:
        return f"not({expression(chance, depth - 1)})"
    return f"({expression(chance, depth - 1)}) {chance.choice(['and', 'or'])} ({expression(chance, depth - 1)})"


def test_browser_and_server_decide_the_same(browser: Browser) -> None:
    chance = random.Random(20260302)
    cases: list[tuple[Any, dict[str, Any]]] = []
    expected = []
    for _ in range(2000):
        condition = parse_condition(f"={expression(chance, 3)}")
        data = {name: chance.choice(VALUES) for name in NAMES}
        cases.append((condition.node, data))
        expected.append(condition.holds(Names(data)))
    page = browser.new_page()
    assert page.evaluate(RUN, [SCRIPT, cases]) == expected
    page.close()
