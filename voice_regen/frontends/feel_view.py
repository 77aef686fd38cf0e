"""A recording's feelings as a table for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from voice_regen.frontends.plain_view import describe_emotion
from voice_regen.runtime.records import (
    EmotionRecord,
    EstimateRecord,
    FeelRecord,
    FeltRecord,
    PausesRecord,
    StateRecord,
)


def show_recording(record: FeelRecord, console: Console) -> None:
    """Print one recording: a table of its utterances and a line that sums it up."""
    console.print()
    console.rule(record.file, align="left")
    if record.error is not None:
        console.print(f"error     {record.error}")
        return
    for note in record.notes:
        console.print(f"note      {note}")
    if record.utterances:
        console.print(_table(record))
    console.print(f"tone      {describe_overall(record)}")
    if record.pauses is not None and record.pauses.speech_s:
        console.print(f"silences  {describe_silences(record.pauses)}")
    if record.utterances:
        console.print(f"picture   {describe_picture(record.utterances[-1].state)}")


def _table(record: FeelRecord) -> Table:
    table = Table("time", "words", "tone", "silences", "what it changes", show_lines=True)
    for felt in record.utterances:
        heard = felt.heard
        tone = describe_emotion(heard.emotion)
        if felt.on_the_way:
            tone += "\non the way: " + ", ".join(_on_the_way(each) for each in felt.on_the_way)
        table.add_row(
            f"{heard.start_s:.1f} to {heard.end_s:.1f} s",
            heard.text or "(no words)",
            tone,
            describe_silences(heard.pauses),
            "\n".join(describe_changes(felt)),
        )
    return table


def _on_the_way(estimate: EstimateRecord) -> str:
    emotion: EmotionRecord = estimate.emotion
    return f"{estimate.at_s:.1f} s {emotion.label} {100 * emotion.confidence:.0f} %"


def describe_overall(record: FeelRecord) -> str:
    """The recording's own tone in words."""
    if record.reason is not None:
        return f"cannot tell: {record.reason}"
    others = sorted(record.probabilities.items(), key=lambda each: -each[1])[1:3]
    rest = ", ".join(f"{label} {100 * p:.0f} %" for label, p in others)
    return (
        f"{record.label} ({100 * record.confidence:.0f} % sure; then {rest}), "
        f"valence {record.valence:+.2f}, arousal {record.arousal:+.2f}"
    )


def describe_silences(pauses: PausesRecord) -> str:
    """The silences in words."""
    parts = []
    if pauses.response_latency_s is not None and pauses.response_latency_s > 0:
        parts.append(f"{pauses.response_latency_s:.1f} s before answering")
    if pauses.count:
        parts.append(f"{pauses.count} inside, longest {pauses.longest_s:.1f} s")
    if pauses.speech_rate_syll_s is not None:
        parts.append(f"{pauses.speech_rate_syll_s:.1f} syllables/s")
    return "; ".join(parts) or "none"


def describe_changes(felt: FeltRecord) -> list[str]:
    """The strongest reasons for the new picture, a line each, without repeating a reason."""
    by_reason: dict[str, list[str]] = {}
    for each in felt.state.evidence:
        arrow = "up" if each.change > 0 else "down"
        by_reason.setdefault(each.reason, []).append(f"{each.dimension} {arrow}")
    return [f"{reason}: {', '.join(moved)}" for reason, moved in by_reason.items()][:3]


def describe_picture(state: StateRecord) -> str:
    """All dimensions at the end."""
    going = (
        "getting better" if state.trend > 0.05 else "getting worse" if state.trend < -0.05 else ""
    )
    said = (
        f"valence {state.valence:+.2f}, arousal {state.arousal:+.2f}, "
        f"distress {state.distress:.2f}, frustration {state.frustration:.2f}, "
        f"hesitation {state.hesitation:.2f}, openness {state.openness:.2f}, "
        f"uncertainty {state.uncertainty:.2f}"
    )
    return f"{said}; {going}" if going else said
