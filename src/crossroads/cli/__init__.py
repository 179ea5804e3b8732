"""The command line: one module a command.

Commands import what is heavy in their bodies, so that ``crossroads --help`` answers at once.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import crossroads as cr
from crossroads.cli.assess import assess
from crossroads.cli.check import check
from crossroads.cli.diff import diff
from crossroads.cli.explain import explain
from crossroads.cli.matrix import matrix
from crossroads.cli.new import new
from crossroads.cli.pull import pull

__all__ = ["app", "main"]

_PIPE_CLOSED = 141
"""128 and the number of SIGPIPE: what a program gets that writes to ``head``."""


class _Commands(TyperGroup):
    """Turns what crossroads raises on purpose into a message and an exit status."""

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except cr.CrossroadsError as error:
            _tell(error)
            raise typer.Exit(error.exit_code) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(_PIPE_CLOSED) from None
        except OSError as error:
            _tell(error)
            raise typer.Exit(cr.UsageError.exit_code) from None
        return result


def _tell(error: Exception) -> None:
    from crossroads.show.text import plain

    if isinstance(error, cr.DossierError):
        for each in error.findings:
            print(f"{each.severity:<8}{plain(each)}", file=sys.stderr)
    elif isinstance(error, OSError):
        said = f"{error.strerror}: {error.filename}" if error.filename else str(error)
        print(plain(f"crossroads: {said}"), file=sys.stderr)
    else:
        print(plain(f"crossroads: {error}"), file=sys.stderr)


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Put a geopolitical argument to the test.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"crossroads {version('crossroads')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _start(
    ctx: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    if ctx.invoked_subcommand is None:
        text = ctx.get_help()
        if text:
            typer.echo(text)


for _command in (assess, check, matrix, pull, explain, diff, new):
    app.command()(_command)


def main() -> None:
    """Run the command line."""
    gc.set_threshold(100_000, 50, 100)  # many small rows, few cycles: collecting costs a tenth
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="crossroads")
    except KeyboardInterrupt:
        sys.exit(130)
