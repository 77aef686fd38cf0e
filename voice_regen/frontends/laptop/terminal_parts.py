"""The pieces of the picture: meters, bars, moves. Pure: from records to rich text."""

from __future__ import annotations

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from voice_regen.frontends.laptop.caller_words import caller_in_words
from voice_regen.frontends.laptop.move_tracker import MoveTracker
from voice_regen.runtime.records import LatencyRecord, PauseRecord, PlanRecord, StateRecord
from voice_regen.types import FloatArray

FLOOR_DB = -60.0
ASSISTANT = "cyan"
CALLER = "green"
PAUSE = "magenta"
EIGHTHS = " ▏▎▍▌▋▊▉█"


def level_db(samples: FloatArray) -> float:
    """RMS in dB of full scale, not below FLOOR_DB."""
    if not len(samples):
        return FLOOR_DB
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return max(FLOOR_DB, 10 * float(np.log10(power + 1e-12)))


def bar(fraction: float, width: int, style: str) -> Text:
    """A bar of ``width`` cells, filled to ``fraction`` in eighths of a cell."""
    eighths = round(min(max(fraction, 0.0), 1.0) * width * 8)
    full, rest = divmod(eighths, 8)
    filled = "█" * full + (EIGHTHS[rest] if rest else "")
    return Text.assemble((filled, style), ("·" * (width - len(filled)), "bright_black"))


def signed_bar(value: float, width: int) -> Text:
    """A bar from the middle: left and red below zero, right and green above."""
    half = width // 2
    cells = round(min(abs(value), 1.0) * half)
    left = "█" * cells if value < 0 else ""
    right = "█" * cells if value > 0 else ""
    return Text.assemble(
        ("·" * (half - len(left)), "bright_black"),
        (left, "red"),
        ("│", "white"),
        (right, "green"),
        ("·" * (half - len(right)), "bright_black"),
    )


def meter(name: str, db: float, width: int, style: str) -> Text:
    """A level meter with its name."""
    return Text.assemble((f"{name:<4} ", style), bar(1 - db / FLOOR_DB, width, style))


def caller_part(state: StateRecord | None, width: int) -> RenderableType:
    """How the caller seems: in words, then in bars, then why."""
    if state is None:
        return Text("nothing is known yet", style="bright_black")
    table = Table.grid(padding=(0, 1))
    table.add_column(width=11, style="bright_black")
    table.add_column()
    cells = max(9, min(31, width - 14)) | 1
    table.add_row("valence", signed_bar(state.valence, cells))
    table.add_row("arousal", signed_bar(state.arousal, cells))
    table.add_row("distress", bar(state.distress, cells, "red"))
    table.add_row("frustration", bar(state.frustration, cells, "yellow"))
    table.add_row("hesitation", bar(state.hesitation, cells, PAUSE))
    table.add_row("openness", bar(state.openness, cells, "green"))
    lines: list[RenderableType] = [Text(caller_in_words(state), style="bold"), table]
    if state.evidence:
        lines.append(Text(f"because: {state.evidence[0].reason}", style="bright_black"))
    return Group(*lines)


def plan_part(plan: PlanRecord | None, tracker: MoveTracker) -> RenderableType:
    """What will be said and where there will be silence; the move in hand stands out."""
    if plan is None:
        return Text("nothing is planned yet", style="bright_black")
    head = Text.assemble(
        (plan.strategy.replace("_", " "), "bold"),
        ("   warmth ", "bright_black"),
        bar(plan.warmth, 10, "yellow"),
        (f" {plan.warmth:.2f}", "bright_black"),
    )
    moves = Text()
    for index, move in enumerate(plan.moves):
        in_hand = index == tracker.current
        if isinstance(move, PauseRecord):
            moves.append_text(_pause(move, tracker.pause_elapsed_s if in_hand else None))
        else:
            moves.append(move.text, ASSISTANT if in_hand else "default")
        moves.append(" ")
    return Group(head, moves)


def _pause(move: PauseRecord, elapsed_s: float | None) -> Text:
    if elapsed_s is None:
        return Text(f"({move.kind} {move.duration_s:.1f} s)", style=f"dim {PAUSE}")
    elapsed_s = min(elapsed_s, move.duration_s)
    cells = 8
    done = round(cells * elapsed_s / max(move.duration_s, 1e-3))
    return Text(
        f"({move.kind} {'●' * done}{'○' * (cells - done)} "
        f"{elapsed_s:.1f} of {move.duration_s:.1f} s)",
        style=f"bold {PAUSE}",
    )


def latency_part(record: LatencyRecord | None) -> Text:
    """Where the time of the last answer went."""
    if record is None:
        return Text("")
    return Text.assemble(
        (f"{record.voice_to_voice_s:.2f} s", "bold"),
        (" voice to voice: ", "bright_black"),
        (
            f"waiting {record.endpointing_s:.2f}, words {record.recognition_tail_s:.2f}, "
            f"plan {record.planning_s:.2f}, voice {record.first_phrase_s:.2f}",
            "bright_black",
        ),
    )
