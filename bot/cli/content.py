"""`batea content`: list and check what is taught and said."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

app = typer.Typer(help="List and check lessons, polls and replies.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def _report(*, strict: bool) -> dict[str, Any]:
    from bot.lessons.check import check as check_content  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    today = datetime.now(UTC).date()
    return check_content(load().content_dir, today=today, strict=strict).to_json()


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List the modules."""
    modules = _report(strict=False)["modules"]
    if as_json:
        typer.echo(json.dumps({"modules": modules}, ensure_ascii=False))
        return
    for module in modules:
        countries = ",".join(module["countries"])
        typer.echo(f"{module['id']}\t{module['status']}\t{countries}\t{module['lessons']} lessons, {module['steps']} steps")


@app.command()
def check(
    strict: Annotated[bool, typer.Option("--strict", help="Also reading ease, sentence length, facts past their date.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check every content file; exit code 1 where there is a problem."""
    report = _report(strict=strict)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        for problem in report["problems"]:
            typer.echo(f"{problem['file']}:{problem['line']}: {problem['text']}")
        typer.echo(f"{len(report['modules'])} modules, {len(report['problems'])} problems")
    if report["problems"]:
        raise typer.Exit(1)
