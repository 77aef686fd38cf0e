"""Holds the conversations that `voice-regen talk` was asked for."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from voice_regen.audio.files import OpenAudio, open_audio
from voice_regen.config import Settings
from voice_regen.frontends.caller_timeline import CallerTimeline
from voice_regen.frontends.plain_view import PlainView
from voice_regen.frontends.recorded_caller import (
    ConversationFile,
    FileConversation,
    RecordedCaller,
    ReplyFile,
    ReplySink,
)
from voice_regen.runtime.event_log import EventLog
from voice_regen.runtime.recording import CallerClock, stream_clock
from voice_regen.runtime.records import Observer
from voice_regen.runtime.session import Session


@dataclass(frozen=True, slots=True)
class FileOptions:
    """A conversation with a recording."""

    wav: Path
    out: Path | None = None
    mix: Path | None = None
    json: Path | None = None
    waits: bool = True
    real_time: bool = False
    channel: int | None = None
    block_samples: int = 3200


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """A conversation on devices."""

    input_device: str | None = None
    output_device: str | None = None
    echo: str = "livekit"
    plain: bool = False
    out: Path | None = None
    mix: Path | None = None
    json: Path | None = None


def hold_recorded_conversation(settings: Settings, options: FileOptions) -> None:
    """Talk with a recording; shows lines and a progress bar, writes what was asked for."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        _hold_recorded_conversation(settings, options, console)
    except KeyboardInterrupt:
        console.print("note      Interrupted: what was said until then is kept.")
        _tell_written(console, options)
        raise
    _tell_written(console, options)


def _hold_recorded_conversation(settings: Settings, options: FileOptions, console: Console) -> None:
    # Speculation saves time only where time passes while the caller is silent.
    settings = replace(settings, speculate=options.real_time)
    with ExitStack() as closing:
        audio = closing.enter_context(open_audio(options.wav, channel=options.channel))
        observers: list[Observer] = [PlainView(console.print)]
        log = _open_log(options.json, closing)
        if log is not None:
            observers.append(log)
        sinks = _open_sinks(options.out, options.mix, closing)
        timeline = CallerTimeline()
        session = _load_session(
            settings, console, observers, live=options.real_time, source="file", clock=timeline
        )
        for note in audio.info.notes:
            console.print(f"note      {note}")
        _run_file(session, timeline, audio, sinks, options, console)
        if log is not None and log.lost is not None:
            raise log.lost


def hold_live_conversation(settings: Settings, options: LiveOptions) -> None:
    """Talk on the devices; where there are none, say so and hold the bundled recording."""
    from voice_regen.frontends.laptop.devices import devices_available

    console = Console(highlight=False)
    available = devices_available()
    chosen = options.input_device is not None or options.output_device is not None
    if available.reason is not None and not chosen:
        _hold_bundled_conversation(settings, options, console, available.reason)
        return
    from voice_regen.frontends.laptop.laptop import LaptopOptions, hold_conversation
    from voice_regen.frontends.laptop.terminal_view import make_view

    with ExitStack() as closing:
        view = make_view(console, plain=options.plain)
        observers: list[Observer] = [view]
        log = _open_log(options.json, closing)
        if log is not None:
            observers.append(log)
        sinks = _open_sinks(options.out, options.mix, closing)
        session = _load_session(settings, console, observers, live=True, source="microphone")
        hold_conversation(
            session,
            view,
            LaptopOptions(options.input_device, options.output_device, options.echo),
            sinks,
        )
        if log is not None and log.lost is not None:
            raise log.lost
    _tell_written(console, options)


def _hold_bundled_conversation(
    settings: Settings, options: LiveOptions, console: Console, reason: str
) -> None:
    from voice_regen.demo import recorded_caller

    out = options.out or Path("reply.wav")
    console.print(f"note      {reason}")
    console.print("note      So a recorded caller speaks instead: a real person, acted feelings.")
    recorded = FileOptions(recorded_caller(), out, options.mix, options.json)
    hold_recorded_conversation(settings, recorded)


def list_devices(*, as_json: bool) -> None:
    """Print the machine's microphones and loudspeakers."""
    from voice_regen.frontends.laptop import devices

    rows = devices.list_devices()
    if as_json:
        print(devices.devices_as_json(rows).decode())
        return
    if not rows:
        print("No microphone and no loudspeaker was found.")
        return
    table = Table("number", "name", "microphone", "loudspeaker", "rate")
    for row in rows:
        table.add_row(
            str(row.index),
            row.name,
            _role(row.input_channels, default=row.is_default(devices.Direction.INPUT)),
            _role(row.output_channels, default=row.is_default(devices.Direction.OUTPUT)),
            f"{row.default_rate_hz:.0f} Hz",
        )
    Console().print(table)


def _role(channels: int, *, default: bool) -> str:
    if not channels:
        return ""
    return "yes (default)" if default else "yes"


def _open_log(path: Path | None, closing: ExitStack) -> EventLog | None:
    if path is None:
        return None
    log = EventLog(path)
    closing.callback(log.close)
    return log


def _open_sinks(out: Path | None, mix: Path | None, closing: ExitStack) -> tuple[ReplySink, ...]:
    sinks: list[ReplySink] = []
    if out is not None:
        sinks.append(ReplyFile(out))
    if mix is not None:
        sinks.append(ConversationFile(mix))
    for sink in sinks:
        closing.callback(sink.close)
    return tuple(sinks)


def _load_session(
    settings: Settings,
    console: Console,
    observers: list[Observer],
    *,
    live: bool,
    source: str,
    clock: CallerClock = stream_clock,
) -> Session:
    from voice_regen.runtime.assembly import load_engines, open_session
    from voice_regen.runtime.models import ModelStore

    store = ModelStore()
    with console.status("Loading the engines ..."):
        engines, load_s = load_engines(settings, store.path)
    if engines.emotion is None and settings.engines.emotion == "auto":
        console.print(
            f"note      Tone is not listened to: no tone head fits {settings.engines.recogniser}."
        )
    return open_session(
        engines,
        settings,
        live=live,
        observers=observers,
        source=source,
        clock=clock,
        load_s=load_s,
    )


def _run_file(
    session: Session,
    timeline: CallerTimeline,
    audio: OpenAudio,
    sinks: tuple[ReplySink, ...],
    options: FileOptions,
    console: Console,
) -> None:
    """Run to the end of the recording; whatever happens the session is summed up."""
    with _progress(console) as bar:
        task = bar.add_task("listening", total=audio.info.duration_s or None)
        conversation = FileConversation(
            session,
            timeline,
            caller=RecordedCaller.WAITS if options.waits else RecordedCaller.TALKS_ON,
            sinks=sinks,
            real_time=options.real_time,
            progress=lambda seconds: bar.update(task, completed=seconds),
        )
        try:
            conversation.run(audio.blocks(options.block_samples))
            for note in audio.closing_notes():
                session.note(note)
        finally:
            summary = session.finish()
    if not summary.utterances:
        console.print(f"note      No speech was heard in {summary.caller_audio_s:.1f} s of audio.")


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f} s"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _tell_written(console: Console, options: FileOptions | LiveOptions) -> None:
    written = (("reply", options.out), ("both voices", options.mix), ("events", options.json))
    for what, path in written:
        if path is not None:
            console.print(f"wrote     {what}: {path}")
