"""``wenming definitions``: run the test cases of processes, take a process out as a ZIP, check what one holds."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from webapp.config import load_settings
from webapp.definitions.checking import check_parts
from webapp.definitions.library import list_current
from webapp.definitions.models import ProcessVersion
from webapp.host.command_session import command_session
from webapp.problems import Invalid
from webapp.trials import cases
from webapp.trials.archive import Package, read_archive, write_archive
from webapp.trials.limited import TrialError


@click.group("definitions")
def definitions() -> None:
    """Process definitions 流程定义."""


@definitions.command("test")
@click.argument("source", required=False)
@click.option("--json", "as_json", is_flag=True, help="as JSON on standard output")
def test(source: str | None, as_json: bool) -> None:
    """Check and run the test cases of SOURCE: a ZIP, or the key of a process in force; of all without it 运行测试用例.

    Exit code 1 where something is not as expected.
    """
    with command_session(load_settings()) as session:
        reports = [_report(package) for package in _packages(session, source)]
    if as_json:
        click.echo(json.dumps(reports, ensure_ascii=False, indent=1))
    else:
        for report in reports:
            _print(report)
    if any(report["errors"] or report["failed"] for report in reports):
        raise click.exceptions.Exit(1)


@definitions.command("export")
@click.argument("process")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(process: str, file: Path) -> None:
    """Write the version of PROCESS that is in force to FILE, as one ZIP 导出流程包."""
    with command_session(load_settings()) as session:
        (package,) = _packages(session, process)
    if file.exists():
        raise click.ClickException(f"{file} 已存在，不会覆盖 / exists and is not overwritten")
    file.write_bytes(write_archive(package, {"version": None}))
    click.echo(f"{file}")


def _packages(session: Session, source: str | None) -> Iterator[Package]:
    if source is not None and Path(source).is_file():
        try:
            yield read_archive(Path(source).read_bytes())
        except Invalid as error:
            raise click.ClickException(error.detail) from None
        return
    rows = [session.get_one(ProcessVersion, one.id) for one in list_current(session)]
    found = [row for row in rows if source in {None, row.process}]
    if not found:
        raise click.ClickException(f"没有名为“{source}”的流程或文件 / no such process or file: {source}")
    for row in found:
        yield Package(row.process, row.name, row.bpmn, row.forms, row.tables, row.cases)


def _report(package: Package) -> dict[str, Any]:
    checked = check_parts(package.process, package.bpmn, package.forms, package.tables)["problems"]
    errors = [problem["message"] for problem in checked if problem["severity"] == "error"]
    report: dict[str, Any] = {"process": package.process, "name": package.name, "errors": errors}
    report |= {"passed": 0, "failed": 0, "cases": [], "coverage": None}
    if errors:
        return report
    content = {"process": package.process, "bpmn": package.bpmn, "forms": package.forms, "tables": package.tables}
    try:
        found = cases.run(content, package.cases)
    except TrialError as error:
        return report | {"errors": [str(error)]}
    for key, result in found["results"].items():
        said = [error.message for error in cases.errors_of(package.cases[key]["name"], result)]
        report["cases"].append({"key": key, "name": package.cases[key]["name"], "failures": said})
    report["failed"] = sum(bool(case["failures"]) for case in report["cases"])
    report["passed"] = len(report["cases"]) - report["failed"]
    return report | {"coverage": found["coverage"]}


def _print(report: dict[str, Any]) -> None:
    click.echo(f"{report['name']}（{report['process']}）：通过 {report['passed']}，不符合预期 {report['failed']}")
    for message in report["errors"]:
        click.echo(f"  {message}")
    for case in report["cases"]:
        click.echo(f"  {'✗' if case['failures'] else '✓'} {case['name']}")
        for message in case["failures"]:
            click.echo(f"      {message}")
    if report["coverage"]:
        covered = report["coverage"]
        click.echo(
            f"  环节 {covered['elements']}/{covered['of_elements']}，连线 {covered['flows']}/{covered['of_flows']}"
        )


COMMANDS = (definitions,)
