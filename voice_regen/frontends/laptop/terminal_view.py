"""The live picture of a conversation in a terminal; plain lines where it is no terminal."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import ExitStack

from rich import box
from rich.console import Console, Group, RenderableType
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from voice_regen.frontends.laptop import terminal_parts as parts
from voice_regen.frontends.laptop.caller_words import caller_in_words
from voice_regen.frontends.laptop.laptop import ConversationView
from voice_regen.frontends.laptop.move_tracker import MoveTracker
from voice_regen.frontends.laptop.portaudio import stderr_set_aside
from voice_regen.frontends.plain_view import PlainView, describe_emotion
from voice_regen.runtime.records import (
    LatencyRecord,
    NoticeRecord,
    PlanRecord,
    Record,
    ReplyRecord,
    ReplyStartedRecord,
    SpeechRecord,
    StateRecord,
    SummaryRecord,
    UtteranceRecord,
)
from voice_regen.types import FloatArray

WIDE_COLUMNS = 110
"""From here on two columns stand side by side."""
DRAW_EVERY_S = 0.08
FALL_DB = 1.5
"""A meter falls by this each 10 ms at most, so that it can be followed."""
MOST_LINES = 40


def make_view(console: Console, *, plain: bool = False) -> ConversationView:
    """The picture, or plain lines if wanted or if the console is no terminal."""
    if plain or not console.is_terminal or console.is_dumb_terminal:
        return PlainConversationView(console)
    return TerminalView(console)


class PlainConversationView:
    """One line after the other."""

    def __init__(self, console: Console) -> None:
        """Lines go to ``console``."""
        self._console = console
        self._lines = PlainView(self._print)
        self._said = ""

    def notice(self, record: Record) -> None:
        """Show a record."""
        self._lines.notice(record)

    def levels(self, heard: FloatArray, played: FloatArray) -> None:
        """Not shown."""

    def tell(self, text: str) -> None:
        """A note."""
        self._print(f"note      {text}")

    def show_state(self, *, held: bool, assistant_busy: bool, keys_usable: bool) -> None:
        """Say it when the conversation is paused or goes on."""
        said = "paused" if held else ""
        if said != self._said:
            self._print(f"note      {'Paused.' if held else 'Going on.'}")
            self._said = said

    def open(self) -> None:
        """Say that one may speak."""
        self._print("note      Speak when you like. Ctrl-C ends the conversation.")

    def close(self) -> None:
        """Nothing is kept."""

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class TerminalView:
    """What is heard and said, how the caller seems, the plan with its silences, the times."""

    def __init__(self, console: Console) -> None:
        """Draws on ``console``, on its other screen; the shell's lines come back at the end."""
        self._console = console
        self._after = PlainView(self._print)
        self._live: Live | None = None
        self._lock = threading.Lock()
        self._lines: deque[Text] = deque(maxlen=MOST_LINES)
        self._state: StateRecord | None = None
        self._plan: PlanRecord | None = None
        self._latency: LatencyRecord | None = None
        self._tracker = MoveTracker()
        self._caller_speaks = False
        self._heard_db = self._said_db = parts.FLOOR_DB
        self._held = self._busy = False
        self._keys_usable = True
        self._drawn_at_s = 0.0
        self._aside = ExitStack()

    # -- what happens (any thread) ---------------------------------------------------

    def notice(self, record: Record) -> None:
        """Keep a record for the next drawing."""
        with self._lock:
            self._keep(record)

    def levels(self, heard: FloatArray, played: FloatArray) -> None:
        """Move the meters and the place in the plan."""
        with self._lock:
            self._heard_db = max(parts.level_db(heard), self._heard_db - FALL_DB)
            self._said_db = max(parts.level_db(played), self._said_db - FALL_DB)
            self._tracker.hear(played)

    def tell(self, text: str) -> None:
        """Put a sentence among what was said."""
        with self._lock:
            self._lines.append(Text(text, style="yellow"))

    def _keep(self, record: Record) -> None:
        match record:
            case SpeechRecord():
                self._caller_speaks = record.what in ("started", "resumed")
            case UtteranceRecord():
                self._lines.append(_utterance_line(record))
            case StateRecord():
                self._state = record
            case PlanRecord():
                self._plan = record
                self._tracker.plan(record)
            case ReplyStartedRecord():
                self._tracker.begin()
            case ReplyRecord():
                self._tracker.end()
                self._lines.append(_reply_line(record))
            case LatencyRecord():
                self._latency = record
            case NoticeRecord():
                self._lines.append(Text(record.text, style="yellow"))
            case SummaryRecord():
                self._after.notice(record)
            case _:
                pass

    # -- drawing (main thread) -------------------------------------------------------

    def open(self) -> None:
        """Take the screen."""
        self._aside.enter_context(stderr_set_aside())
        self._live = Live(self._picture(), console=self._console, screen=True, auto_refresh=False)
        self._live.start()

    def close(self) -> None:
        """Give the screen back."""
        live, self._live = self._live, None
        if live is not None:
            live.stop()
        self._aside.close()

    def show_state(self, *, held: bool, assistant_busy: bool, keys_usable: bool) -> None:
        """Draw, if the last drawing is old enough."""
        self._held, self._busy, self._keys_usable = held, assistant_busy, keys_usable
        now_s = time.monotonic()
        if self._live is None or now_s - self._drawn_at_s < DRAW_EVERY_S:
            return
        self._drawn_at_s = now_s
        with self._lock:
            picture = self._picture()
        self._live.update(picture, refresh=True)

    def _picture(self) -> RenderableType:
        width, height = self._console.size
        wide = width >= WIDE_COLUMNS
        side = width // 2 if wide else width
        layout = Layout()
        body = Layout(name="body", ratio=1)
        layout.split_column(Layout(self._head(width), size=3), body, Layout(self._foot(), size=2))
        talk = Layout(self._talk(side, height - 7), ratio=1)
        caller = _panel("how you seem", parts.caller_part(self._state, side - 4))
        plan = _panel("the reply", parts.plan_part(self._plan, self._tracker))
        if wide:
            right = Layout()
            right.split_column(Layout(caller, size=11), Layout(plan, ratio=1))
            body.split_row(talk, right)
        elif height >= 30:
            body.split_column(talk, Layout(caller, size=10), Layout(plan, size=7))
        else:  # the usual 24 lines: words instead of bars
            body.split_column(talk, Layout(self._caller_line(), size=1), Layout(plan, size=6))
        return layout

    def _head(self, width: int) -> RenderableType:
        cells = max(6, (width - 38) // 2)
        line = Text.assemble(
            self._what_now(),
            "  ",
            parts.meter("you", self._heard_db, cells, parts.CALLER),
            "  ",
            parts.meter("me", self._said_db, cells, parts.ASSISTANT),
        )
        line.no_wrap = True
        return Panel(line, box=box.ROUNDED, border_style="bright_black", title="voice_regen")

    def _what_now(self) -> Text:
        what, style = "listening", parts.CALLER
        if self._held:
            what, style = "paused", "yellow"
        elif self._caller_speaks:
            what, style = "hearing you", f"bold {parts.CALLER}"
        elif self._tracker.pause_elapsed_s is not None:
            what, style = "being silent", f"bold {parts.PAUSE}"
        elif self._tracker.current is not None:
            what, style = "speaking", f"bold {parts.ASSISTANT}"
        elif self._busy:
            what, style = "thinking", "bold blue"
        return Text(f" ● {what:<13}", style=style)

    def _talk(self, width: int, height: int) -> RenderableType:
        """The newest lines that fit."""
        inner = max(20, width - 4)
        room = max(1, height - 2)
        shown: list[Text] = []
        for line in reversed(self._lines):
            rows = len(line.wrap(self._console, inner))
            if shown and rows > room:
                break
            room -= rows
            shown.insert(0, line)
        empty = Text("Speak when you like.", style="bright_black")
        return _panel("conversation", Group(*shown) if shown else empty)

    def _caller_line(self) -> Text:
        words = "" if self._state is None else caller_in_words(self._state)
        return Text.assemble(("  you: ", "bright_black"), (words or "nothing is known yet", "bold"))

    def _foot(self) -> RenderableType:
        keys = (
            [("p", "go on" if self._held else "pause"), ("b", "take a break"), ("q", "quit")]
            if self._keys_usable
            else [("Ctrl-C", "quit")]
        )
        line = Text("  ")
        for key, meaning in keys:
            line.append(f" {key} ", "reverse")
            line.append(f" {meaning}   ")
        latency = Text.assemble("  ", parts.latency_part(self._latency))
        latency.no_wrap = True
        latency.overflow = "ellipsis"
        return Group(latency, line)

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def _panel(title: str, content: RenderableType) -> RenderableType:
    return Panel(content, title=title, title_align="left", border_style="bright_black")


def _utterance_line(record: UtteranceRecord) -> Text:
    line = Text.assemble(("you  ", f"bold {parts.CALLER}"), record.text or "(no words)")
    line.append(f"   {describe_emotion(record.emotion)}", "bright_black")
    return line


def _reply_line(record: ReplyRecord) -> Text:
    line = Text.assemble(("me   ", f"bold {parts.ASSISTANT}"), record.heard_text)
    if record.interrupted:
        line.append(" ... (you spoke)", "yellow")
    return line
