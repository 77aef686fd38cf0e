"""A conversation as plain lines: for files, pipes, logs one reads, and screen readers."""

from __future__ import annotations

from collections.abc import Callable

from voice_regen.runtime.records import (
    EmotionRecord,
    LatencyRecord,
    NoticeRecord,
    PauseRecord,
    PlanRecord,
    Record,
    ReplyRecord,
    StateRecord,
    SummaryRecord,
    UtteranceRecord,
)


class PlainView:
    """Observer that writes what was heard, felt, planned and played, one line each."""

    def __init__(self, write: Callable[[str], None]) -> None:
        """``write`` takes one line without its end."""
        self._write = write

    def notice(self, record: Record) -> None:
        """Show a record, if it is one that people read."""
        match record:
            case UtteranceRecord():
                self._show_utterance(record)
            case StateRecord():
                self._write(f"  state   {describe_state(record)}")
            case PlanRecord():
                self._write(f"  plan    {record.strategy}, warmth {record.warmth:.2f}")
                self._write(f"  says    {describe_moves(record)}")
            case ReplyRecord():
                self._show_reply(record)
            case LatencyRecord():
                self._write(f"  took    {describe_latency(record)}")
            case NoticeRecord():
                self._write(f"note      {record.text}")
            case SummaryRecord():
                self._show_summary(record)
            case _:
                pass

    def _show_utterance(self, record: UtteranceRecord) -> None:
        text = record.text or "(no words)"
        self._write("")
        self._write(f"heard     [{record.start_s:.1f} to {record.end_s:.1f} s] {text}")
        pauses = record.pauses
        parts = []
        if pauses.response_latency_s is not None and pauses.response_latency_s > 0:
            parts.append(f"{pauses.response_latency_s:.1f} s before answering")
        if pauses.count:
            parts.append(f"{pauses.count} inside, longest {pauses.longest_s:.1f} s")
        if parts:
            self._write(f"  pauses  {'; '.join(parts)}")
        self._write(f"  tone    {describe_emotion(record.emotion)}")

    def _show_reply(self, record: ReplyRecord) -> None:
        seconds = record.played_samples / record.rate_hz
        cut = ", cut short by the caller" if record.interrupted else ""
        self._write(f"  played  {seconds:.1f} s{cut}")

    def _show_summary(self, record: SummaryRecord) -> None:
        self._write("")
        self._write(
            f"summary   {record.turns} turns, {record.replies} replies, "
            f"{record.stream_s:.0f} s of conversation in {record.wall_s:.1f} s "
            f"(RTF {record.rtf:.2f}), {record.peak_memory_mb:.0f} MB at most, "
            f"engines loaded in {record.load_s:.1f} s"
        )
        for stage, times in record.stages_s.items():
            name = stage.replace("_", " ")
            self._write(
                f"  {name:<18} median {1000 * times.median:7.0f} ms   "
                f"p95 {1000 * times.p95:7.0f} ms   n {times.count}"
            )


def describe_emotion(emotion: EmotionRecord | None) -> str:
    """In words: what the voice sounded like and how sure that is."""
    if emotion is None:
        return "not listened to"
    if emotion.reason is not None:
        return f"cannot tell: {emotion.reason}"
    return (
        f"{emotion.label} ({100 * emotion.confidence:.0f} % sure), "
        f"valence {emotion.valence:+.2f}, arousal {emotion.arousal:+.2f}"
    )


def describe_state(record: StateRecord) -> str:
    """In words: the picture of the caller, and the strongest reason for it."""
    levels = {
        "distress": record.distress,
        "frustration": record.frustration,
        "hesitation": record.hesitation,
        "openness": record.openness,
    }
    said = ", ".join(f"{name} {level:.2f}" for name, level in levels.items())
    why = f"; {record.evidence[0].reason}" if record.evidence else ""
    return f"valence {record.valence:+.2f}, {said}{why}"


def describe_moves(record: PlanRecord) -> str:
    """Words, with each pause in its place."""
    return " ".join(
        f"({move.kind} pause {move.duration_s:.1f} s)"
        if isinstance(move, PauseRecord)
        else move.text
        for move in record.moves
    )


def describe_latency(record: LatencyRecord) -> str:
    """Where the time of an answer went."""
    return (
        f"{1000 * record.voice_to_voice_s:.0f} ms voice to voice: "
        f"endpointing {1000 * record.endpointing_s:.0f}, "
        f"recognition tail {1000 * record.recognition_tail_s:.0f}, "
        f"planning {1000 * record.planning_s:.0f}, "
        f"first phrase {1000 * record.first_phrase_s:.0f}"
    )
