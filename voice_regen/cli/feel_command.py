"""`voice-regen feel`: how recordings sound, as a table, as JSON lines, as a picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from voice_regen.config import EngineConfig, Settings

DEFAULTS = EngineConfig()


def feel(
    files: Annotated[list[Path], typer.Argument(help="Recordings of one speaker each.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a file, to standard output.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(
            help="Draw the arc of the feeling to this .png, .svg or .html file; of several "
            "recordings, NAME-1.png, NAME-2.png ...",
            metavar="FILE",
        ),
    ] = None,
    every_s: Annotated[
        float | None,
        typer.Option(
            "--every-s",
            help="Also the tone as it was believed after every so many seconds of an utterance.",
            min=0.1,
        ),
    ] = None,
    emotion: Annotated[
        str, typer.Option(help="auto, tone, speechbrain:NAME, or none (words and pauses alone).")
    ] = DEFAULTS.emotion,
    recogniser: Annotated[
        str, typer.Option(help="whisper:base, whisper:small, ... or whisper:FOLDER.")
    ] = DEFAULTS.recogniser,
    language: Annotated[
        str, typer.Option(help="Language of the speaker (ISO code), or auto.")
    ] = DEFAULTS.language,
    channel: Annotated[
        int | None, typer.Option(help="Take this channel (from 0), not their mean.")
    ] = None,
    threads: Annotated[int, typer.Option(help="Processor threads.", min=1)] = 2,
) -> None:
    """Hear recordings as a conversation would, and tell how they sound.

    For each utterance: the words, the tone with how sure that is (or "cannot tell" and why),
    the silences, and the picture of the speaker after it, with the reasons.

      voice-regen feel call.wav

      voice-regen feel call.wav --plot arc.png

      voice-regen feel *.wav --json > feelings.jsonl

    A file that cannot be read gets its line too, the others go on, and the exit code is 3.
    Fields are explained in docs/feel.md.
    """
    from voice_regen.cli.feelings import FeelOptions, feel_files

    settings = Settings(
        engines=EngineConfig(
            recogniser=recogniser, emotion=emotion, language=language, recogniser_threads=threads
        )
    )
    options = FeelOptions(tuple(files), as_json, plot, every_s, channel)
    sys.exit(feel_files(settings, options))
