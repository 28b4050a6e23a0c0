"""What every command has: --json, an example in its help, and errors that are one sentence with an exit code."""

from __future__ import annotations

import json
from typing import IO, Any

import click

from pimgate.cli.desk import Desk, printable
from pimgate.errors import PimgateError, SettingsProblem

PROBLEM, USAGE = 1, 2


class Problem(click.ClickException):
    """Something the operator should read: sentences on standard error, and an exit code. With --json they are on standard
    output, too, in one document."""

    exit_code = PROBLEM

    def __init__(self, *sentences: str, as_json: bool = False) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences
        self.as_json = as_json

    def show(self, file: IO[Any] | None = None) -> None:
        if self.as_json:
            click.echo(json.dumps({"problems": list(self.sentences)}, indent=2, ensure_ascii=False))
        for sentence in self.sentences:
            click.echo(printable(sentence), file=file, err=file is None)


class WrongSettings(Problem):
    """All mistakes in the settings."""

    exit_code = USAGE


class Command(click.Command):
    """A command that works at a `Desk`. `example` ends its help."""

    def __init__(self, name: str | None, *, example: str, **named: Any) -> None:
        super().__init__(name, epilog=f"Example: {example}", **named)
        self.params.append(
            click.Option(
                ["--json", "as_json"],
                is_flag=True,
                expose_value=False,
                is_eager=True,
                help="Answer with one JSON document.",
                callback=_answer_with_json,
            )
        )

    def invoke(self, ctx: click.Context) -> Any:
        desk = ctx.find_object(Desk)
        as_json = desk is not None and desk.as_json
        try:
            return super().invoke(ctx)
        except SettingsProblem as problem:
            sentences = [str(mistake) for mistake in problem.mistakes]
            raise WrongSettings(*sentences, as_json=as_json) from problem
        except PimgateError as error:
            raise Problem(error.public, as_json=as_json) from error
        except Problem as problem:
            problem.as_json = as_json
            raise


def _answer_with_json(ctx: click.Context, _option: click.Parameter, chosen: bool) -> None:
    desk = ctx.find_object(Desk)
    if desk is not None:
        desk.as_json = chosen
