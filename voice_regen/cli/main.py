"""The command `voice-regen`. Only what the chosen command needs is imported."""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

from voice_regen import __version__
from voice_regen.cli.chat_command import chat, plan
from voice_regen.cli.feel_command import feel
from voice_regen.cli.models_command import app as models_app
from voice_regen.cli.safety_command import safety
from voice_regen.cli.talk_command import devices, talk
from voice_regen.errors import VoiceRegenError

app = typer.Typer(
    name="voice-regen",
    help="A voice assistant that receives the feeling before it helps.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(talk)
app.command()(feel)
app.command()(chat)
app.command()(plan)
app.command()(safety)
app.command()(devices)
app.add_typer(models_app, name="models")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"voice_regen {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Options that stand before the command."""


def _interrupt(number: int, frame: object) -> None:
    """SIGTERM ends as Ctrl-C does: files are closed and valid."""
    raise KeyboardInterrupt


def run() -> None:
    """Entry point: errors that a user can mend are told in two lines, without a traceback."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app()
    except VoiceRegenError as error:
        print(f"Error: {error.problem}", file=sys.stderr)
        if error.remedy:
            print(error.remedy, file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)
