"""Does what `voice-regen feel` was asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from voice_regen.audio.files import open_audio
from voice_regen.config import Settings
from voice_regen.errors import AudioFileError, EngineError, UsageError
from voice_regen.frontends.feel_view import show_recording
from voice_regen.runtime.feel import Ears, Felt, feel_recording
from voice_regen.runtime.feel_records import feel_record, unreadable_record
from voice_regen.runtime.records import FeelRecord, encode_record
from voice_regen.types import STREAM_RATE_HZ, AudioBlock

PLOT_SUFFIXES = (".png", ".svg", ".html")
BLOCK_SAMPLES = STREAM_RATE_HZ // 5


@dataclass(frozen=True, slots=True)
class FeelOptions:
    """What to hear and what to write."""

    files: tuple[Path, ...]
    as_json: bool = False
    plot: Path | None = None
    every_s: float | None = None
    channel: int | None = None


def feel_files(settings: Settings, options: FeelOptions) -> int:
    """Hear all files; the exit code: 0, or 3 if one could not be read."""
    from voice_regen.runtime.assembly import load_ears
    from voice_regen.runtime.models import ModelStore

    _check_plot(options)
    console = Console(stderr=options.as_json, highlight=False, soft_wrap=True)
    with console.status("Loading the engines ..."):
        ears = load_ears(settings, ModelStore().path)
    unreadable = 0
    with _progress(console, options) as advance:
        for number, path in enumerate(options.files, start=1):
            record = _feel_file(ears, path, options)
            unreadable += record.error is not None
            _tell(record, options, console)
            if options.plot is not None and record.utterances:
                _draw(record, _plot_path(options, number), console)
            advance()
    return AudioFileError.exit_code if unreadable else 0


def _feel_file(ears: Ears, path: Path, options: FeelOptions) -> FeelRecord:
    labels = () if ears.emotion is None else ears.emotion.labels
    felt: list[Felt] = []
    try:
        with open_audio(path, channel=options.channel) as audio:
            heard = 0
            blocks = audio.blocks(BLOCK_SAMPLES)

            def counted() -> Iterator[AudioBlock]:
                nonlocal heard
                for block in blocks:
                    heard += len(block.samples)
                    yield block

            felt.extend(feel_recording(ears, counted(), estimate_every_s=options.every_s))
            notes = (*audio.info.notes, *audio.closing_notes())
    except (AudioFileError, EngineError) as error:
        return unreadable_record(str(path), str(error).replace("\n", " "))
    return feel_record(str(path), felt, heard / STREAM_RATE_HZ, labels, notes)


def _tell(record: FeelRecord, options: FeelOptions, console: Console) -> None:
    if options.as_json:
        sys.stdout.write(encode_record(record).decode())
        sys.stdout.flush()
        return
    show_recording(record, console)


def _check_plot(options: FeelOptions) -> None:
    """Raise before minutes of listening, not after."""
    if options.plot is None:
        return
    if options.plot.suffix.lower() not in PLOT_SUFFIXES:
        raise UsageError(
            f"A picture is not drawn to {options.plot.name!r}.",
            f"Choose a name that ends in one of: {', '.join(PLOT_SUFFIXES)}.",
        )
    if not options.plot.resolve().parent.is_dir():
        raise UsageError(
            f"{options.plot.parent} is no folder.", "Make it first, or choose another."
        )
    from voice_regen.frontends.arc import require_drawing

    require_drawing()


def _plot_path(options: FeelOptions, number: int) -> Path:
    assert options.plot is not None
    if len(options.files) == 1:
        return options.plot
    return options.plot.with_stem(f"{options.plot.stem}-{number}")


def _draw(record: FeelRecord, path: Path, console: Console) -> None:
    from voice_regen.frontends.arc import draw_arc

    draw_arc(record, path)
    console.print(f"wrote     arc: {path}")


@contextmanager
def _progress(console: Console, options: FeelOptions) -> Iterator[Callable[[], None]]:
    """A bar for many files, where somebody looks."""
    wanted = console.is_terminal and len(options.files) > 1
    with Progress(
        TextColumn("listening"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not wanted,
        transient=True,
    ) as bar:
        task = bar.add_task("listening", total=len(options.files))
        yield lambda: bar.advance(task)
