"""`voice-regen talk`: a conversation on the microphone, or with a recording."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from voice_regen.config import CareConfig, EngineConfig, Settings
from voice_regen.errors import UsageError


class Caller(StrEnum):
    """What a recorded caller does while the assistant speaks."""

    WAITS = "waits"
    TALKS_ON = "talks-on"


DEFAULTS = EngineConfig()

Wav = Annotated[
    Path | None,
    typer.Option(
        "--wav", help="Talk with this recording instead of the microphone.", metavar="FILE"
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="Write the assistant's voice to this WAV file.", metavar="FILE"),
]
Mix = Annotated[
    Path | None,
    typer.Option(
        help="Write both voices to this WAV file: caller left, assistant right.", metavar="FILE"
    ),
]
Json = Annotated[
    Path | None,
    typer.Option(
        "--json",
        help="Write every event to this file, one JSON object a line (see docs/events.md).",
        metavar="FILE",
    ),
]


def talk(
    wav: Wav = None,
    out: Out = None,
    mix: Mix = None,
    json: Json = None,
    caller: Annotated[
        Caller,
        typer.Option(
            help="With --wav: the recording waits while the assistant speaks, or goes on "
            "and interrupts."
        ),
    ] = Caller.WAITS,
    real_time: Annotated[
        bool, typer.Option("--real-time", help="With --wav: at the speed of a live call.")
    ] = False,
    channel: Annotated[
        int | None, typer.Option(help="With --wav: take this channel (from 0), not their mean.")
    ] = None,
    block_samples: Annotated[
        int,
        typer.Option(
            help="With --wav: samples read at once; the events are the same.", min=1, hidden=True
        ),
    ] = 3200,
    recogniser: Annotated[
        str, typer.Option(help="whisper:base, whisper:small, ... or whisper:FOLDER.")
    ] = DEFAULTS.recogniser,
    emotion: Annotated[
        str,
        typer.Option(
            help="auto (tone where it fits the recogniser), tone, speechbrain:NAME, or none: "
            "tone is then not listened to."
        ),
    ] = DEFAULTS.emotion,
    synthesiser: Annotated[
        str, typer.Option(help="kokoro, piper, coqui:NAME or coqui:FOLDER.")
    ] = DEFAULTS.synthesiser,
    voice: Annotated[str | None, typer.Option(help="A voice of the synthesiser.")] = None,
    language: Annotated[
        str, typer.Option(help="Language of the caller (ISO code), or auto.")
    ] = DEFAULTS.language,
    country: Annotated[
        str | None, typer.Option(help="Country of the caller (as in US, GB): for helplines.")
    ] = None,
    greeting: Annotated[
        bool | None,
        typer.Option(
            help="Greet first, and say that this is not a human. "
            "Default: yes on the microphone, no with --wav."
        ),
    ] = None,
    threads: Annotated[int, typer.Option(help="Processor threads an engine may use.", min=1)] = 2,
    input_device: Annotated[
        str | None,
        typer.Option("--input", help="Microphone: number or part of its name (see devices)."),
    ] = None,
    output_device: Annotated[
        str | None, typer.Option("--output", help="Loudspeaker: number or part of its name.")
    ] = None,
    echo: Annotated[
        str, typer.Option(help="Echo cancellation: livekit, pywebrtc, or none (headphones).")
    ] = "livekit",
    plain: Annotated[bool, typer.Option("--plain", help="Plain lines, no live picture.")] = False,
) -> None:
    """Hold a spoken conversation.

    Without options it uses the microphone and the loudspeaker. Where there are none it says
    so, and holds a recorded conversation instead.

    With --wav the same conversation is held with a recording, faster than real time:

      voice-regen talk --wav in.wav --out reply.wav --json events.jsonl
    """
    settings = Settings(
        engines=EngineConfig(
            recogniser=recogniser,
            emotion=emotion,
            synthesiser=synthesiser,
            voice=voice,
            language=language,
            recogniser_threads=threads,
            synthesiser_threads=threads,
        ),
        care=CareConfig(country=country),
    )
    from voice_regen.cli.conversations import (
        FileOptions,
        LiveOptions,
        hold_live_conversation,
        hold_recorded_conversation,
    )

    if wav is None:
        live = LiveOptions(input_device, output_device, echo, plain, out, mix, json)
        hold_live_conversation(_greeting(settings, greeting, default=True), live)
        return
    options = FileOptions(
        wav=wav,
        out=out,
        mix=mix,
        json=json,
        waits=caller is Caller.WAITS,
        real_time=real_time,
        channel=channel,
        block_samples=block_samples,
    )
    for path in (out, mix, json):
        if path is not None and path.exists() and wav.exists() and path.samefile(wav):
            raise UsageError(f"{path} is the recording itself.", "Choose another file to write to.")
    hold_recorded_conversation(_greeting(settings, greeting, default=False), options)


def _greeting(settings: Settings, wanted: bool | None, *, default: bool) -> Settings:
    greet = default if wanted is None else wanted
    return replace(settings, care=replace(settings.care, greet=greet))


def devices(
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List microphones and loudspeakers."""
    from voice_regen.cli.conversations import list_devices

    list_devices(as_json=json)
