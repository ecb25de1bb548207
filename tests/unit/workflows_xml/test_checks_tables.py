"""Decision tables: what the engine would read silently and get wrong is named with its cell."""

import pytest

from workflows.checks.tables import cell_error, read_table

GOOD = (">= 90", '"A"', "'A'", "-", "", "? in ('A', 'B')", "60 <= ? < 90", "!= 'A'", "limit", "5", "True")
BAD = (
    '"A","B"',
    'not("A")',
    "[60..90]",
    "true",
    "null",
    "? and __import__('os')",
    "lambda: 1",
    ">= ",
    "a b",
    "1" * 600,
)


def table(cell: str = ">= 90", result: str = "'A'", policy: str = "FIRST", more: str = "") -> bytes:
    def texts(*pairs: tuple[str, str]) -> str:
        return "".join(f"<{tag}><text><![CDATA[{text}]]></text></{tag}>" for tag, text in pairs)

    return (
        "<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/' id='d' name='d' namespace='n'>"
        f"<decision id='grade' name='grade'><decisionTable id='t' hitPolicy='{policy}'{more}>"
        "<input id='i'><inputExpression id='e'><text>score</text></inputExpression></input>"
        f"<output id='o' name='level'/><rule id='r'>{texts(('inputEntry', cell), ('outputEntry', result))}</rule>"
        "</decisionTable></decision></definitions>"
    ).encode()


@pytest.mark.parametrize("cell", GOOD)
def test_cells_that_are_evaluated_as_they_read(cell: str) -> None:
    assert cell_error(cell) is None
    decision, problems = read_table(table(cell))
    assert decision is not None
    assert (decision.id, decision.outputs, problems) == ("grade", frozenset({"level"}), [])


@pytest.mark.parametrize("cell", BAD)
def test_cells_that_would_go_wrong_are_named_with_their_place(cell: str) -> None:
    assert cell_error(cell)
    (problem,) = read_table(table(cell))[1]
    assert (problem.code, problem.element) == ("table_cell", "table:grade")
    assert "第 1 行第 1 个输入格" in problem.message


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (table(policy="RULE ORDER"), "table_policy"),
        (table(policy="COLLECT", more=" aggregation='SUM'"), "table_aggregation"),
        (table(result=""), "table_cell"),
        (table(result="A B"), "table_cell"),
        (b"<definitions/>", "table_decisions"),
        (b"<definitions><decision id='a'/></definitions>", "table_kind"),
        (b"no xml", "table_unreadable"),
        (b"<!DOCTYPE d [<!ENTITY e 'x'>]><d>&e;</d>", "table_unreadable"),
    ],
)
def test_other_faults_of_a_table(data: bytes, code: str) -> None:
    assert [problem.code for problem in read_table(data)[1]] == [code]
