"""The arc of a recording as a picture: how the speaker sounded and felt, over time.

Drawn with matplotlib; an .html file holds the same drawing as SVG and every utterance in words,
and needs nothing from anywhere else.
"""

from __future__ import annotations

import html
import io
import textwrap
from itertools import pairwise
from pathlib import Path
from typing import Any

from voice_regen.errors import MissingExtraError, UsageError
from voice_regen.frontends.feel_view import describe_changes, describe_overall, describe_silences
from voice_regen.frontends.plain_view import describe_emotion
from voice_regen.runtime.records import FeelRecord, FeltRecord

INK, FAINT, SILENCE = "#2b2b33", "#8d8d99", "#e9e7e2"
DIMENSIONS = (
    ("valence", "#2a7f8e"),
    ("arousal", "#c8963e"),
    ("distress", "#b4413c"),
    ("frustration", "#8a4f7d"),
    ("hesitation", "#5b6c9d"),
)
LABEL_COLOURS = {
    "neutral": "#b9b7b0",
    "happy": "#e0b13f",
    "sad": "#5377a6",
    "angry": "#b4413c",
    "fearful": "#7c5a94",
    "disgust": "#6d8a4f",
    "surprised": "#d77f4a",
}
LONGEST_LINE = 26
LEAST_NAMED_SILENCE_S = 1.0


def require_drawing() -> None:
    """Raise MissingExtraError where there is nothing to draw with."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("Drawing", "plot", "matplotlib") from error


def draw_arc(record: FeelRecord, path: Path) -> None:
    """Draw ``record`` to ``path``: .png, .svg or .html by its suffix.

    Raises UsageError where it cannot be written or nothing was heard, MissingExtraError without
    matplotlib.
    """
    if not record.utterances:
        raise UsageError(f"There is nothing to draw of {record.file}: no speech was heard.")
    require_drawing()
    import matplotlib as mpl

    # Bytes that depend on the recording alone, not on when it was drawn.
    with mpl.rc_context({"svg.hashsalt": "voice_regen", "svg.fonttype": "none"}):
        figure = _figure(record)
        try:
            if path.suffix.lower() == ".html":
                path.write_text(_page(record, figure), encoding="utf-8")
            else:
                figure.savefig(path, dpi=150, facecolor="white")
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def _figure(record: FeelRecord) -> Any:
    from matplotlib.figure import Figure

    width = min(max(9.0, 2.0 + record.duration_s / 4.0), 24.0)
    figure = Figure(figsize=(width, 6.2), layout="constrained")
    rows = _rows(record)
    tall = 0.3 + 0.75 * (1 + max(rows.values(), default=0))
    arc, tone, words = figure.subplots(3, 1, sharex=True, height_ratios=(5.0, 1.3, tall))
    _draw_silences(record, (arc, tone))
    _name_silences(record, tone)
    _draw_state(record, arc)
    _draw_tone(record, tone)
    _draw_words(record, rows, words)
    words.set_xlabel("seconds of the recording", color=INK)
    words.set_xlim(0.0, max(record.duration_s, 1.0))
    figure.suptitle(
        f"{Path(record.file).name}: {describe_overall(record)}",
        x=0.01, ha="left", fontsize=11, color=INK,
    )  # fmt: skip
    return figure


def _draw_silences(record: FeelRecord, axes: tuple[Any, ...]) -> None:
    """Where nobody spoke between utterances."""
    for before, after in pairwise(record.utterances):
        for each in axes:
            each.axvspan(before.heard.end_s, after.heard.start_s, color=SILENCE, lw=0, zorder=0)


def _name_silences(record: FeelRecord, axes: Any) -> None:
    for before, after in pairwise(record.utterances):
        start_s, end_s = before.heard.end_s, after.heard.start_s
        if end_s - start_s >= LEAST_NAMED_SILENCE_S:
            axes.text((start_s + end_s) / 2, 0.5, f"{end_s - start_s:.1f} s\nsilent", fontsize=7.5,
                      ha="center", va="center", color=FAINT, clip_on=True)  # fmt: skip


def _draw_state(record: FeelRecord, axes: Any) -> None:
    """Each dimension as a line through the ends of the utterances; uncertainty as its band."""
    times = [record.utterances[0].heard.start_s] + [u.heard.end_s for u in record.utterances]
    unsure = [1.0] + [u.state.uncertainty for u in record.utterances]
    for name, colour in DIMENSIONS:
        values = [0.0] + [float(getattr(u.state, name)) for u in record.utterances]
        if name in ("valence", "distress"):
            low = [v - 0.25 * u for v, u in zip(values, unsure, strict=True)]
            high = [v + 0.25 * u for v, u in zip(values, unsure, strict=True)]
            axes.fill_between(times, low, high, color=colour, alpha=0.10, lw=0)
        strong = 2.4 if name in ("valence", "distress") else 1.3
        axes.plot(times, values, color=colour, lw=strong, marker="o", ms=1.8 * strong, label=name)
    axes.axhline(0.0, color=FAINT, lw=0.7)
    axes.set_ylim(-1.05, 1.05)
    axes.set_ylabel("picture of the speaker", color=INK)
    axes.legend(
        loc="upper left", ncols=5, frameon=False, fontsize=9, labelcolor="linecolor",
        handlelength=1.2,
    )  # fmt: skip
    _plain(axes)


def _draw_tone(record: FeelRecord, axes: Any) -> None:
    """The probabilities of each utterance's tone as a bar; hatched where it cannot be told."""
    for felt in record.utterances:
        heard = felt.heard
        length = max(heard.end_s - heard.start_s, 0.05)
        if heard.emotion is None or heard.emotion.reason is not None:
            axes.bar(heard.start_s, 1.0, length, align="edge", color="white",
                     edgecolor=FAINT, hatch="////", lw=0.5)  # fmt: skip
            continue
        bottom = 0.0
        for label, share in heard.emotion.probabilities.items():
            axes.bar(heard.start_s, share, length, bottom=bottom, align="edge",
                     color=LABEL_COLOURS[label], lw=0)  # fmt: skip
            bottom += share
        middle = heard.start_s + length / 2
        axes.text(middle, 1.06, heard.emotion.label, ha="center", va="bottom", fontsize=8,
                  color=INK)  # fmt: skip
    axes.set_ylim(0.0, 1.35)
    axes.set_yticks([])
    axes.set_ylabel("tone", color=INK)
    _legend_of_tones(record, axes)
    _plain(axes)


def _legend_of_tones(record: FeelRecord, axes: Any) -> None:
    from matplotlib.patches import Patch

    told = [u.heard.emotion for u in record.utterances if u.heard.emotion is not None]
    labels = list(dict.fromkeys(label for each in told for label in each.probabilities))
    keys = [Patch(color=LABEL_COLOURS[label], label=label) for label in labels]
    if any(each.reason is not None for each in told):
        keys.append(Patch(facecolor="white", edgecolor=FAINT, hatch="////", label="cannot tell"))
    if keys:
        axes.legend(
            handles=keys, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=7,
            handlelength=1.0, labelspacing=0.2,
        )  # fmt: skip


def _rows(record: FeelRecord) -> dict[int, int]:
    """Row of each utterance's words, so that they do not overlap; left out where too dense."""
    rows_end = [0.0, 0.0, 0.0]
    found: dict[int, int] = {}
    for place, felt in enumerate(record.utterances):
        start = felt.heard.start_s
        row = next((i for i, end in enumerate(rows_end) if end <= start), None)
        if row is not None:
            rows_end[row] = start + max(record.duration_s, 1.0) / 7.0
            found[place] = row
    return found


def _draw_words(record: FeelRecord, rows: dict[int, int], axes: Any) -> None:
    """What was said, under the time it was said; the table and the page hold every word."""
    for place, row in rows.items():
        heard = record.utterances[place].heard
        text = "\n".join(textwrap.wrap(heard.text or "(no words)", LONGEST_LINE)[:3])
        axes.plot([heard.start_s] * 2, [row - 0.45, row + 0.4], color=FAINT, lw=0.8)
        axes.annotate(text, (heard.start_s, row - 0.42), (4, 0), textcoords="offset points",
                      fontsize=7.5, va="top", color=INK)  # fmt: skip
    axes.set_ylim(max(rows.values(), default=0) + 0.6, -0.6)
    axes.set_yticks([])
    axes.set_ylabel("words", color=INK)
    _plain(axes)


def _plain(axes: Any) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(FAINT)
    axes.tick_params(colors=FAINT, labelsize=8)


def _page(record: FeelRecord, figure: Any) -> str:
    drawing = io.StringIO()
    figure.savefig(drawing, format="svg", metadata={"Date": None})
    svg = drawing.getvalue()
    svg = svg[svg.index("<svg") :]
    rows = "\n".join(_row(felt) for felt in record.utterances)
    name = html.escape(Path(record.file).name)
    return _PAGE.format(
        name=name, svg=svg, rows=rows, overall=html.escape(describe_overall(record))
    )


def _row(felt: FeltRecord) -> str:
    heard = felt.heard
    cells = (
        f"{heard.start_s:.1f} to {heard.end_s:.1f} s",
        heard.text or "(no words)",
        describe_emotion(heard.emotion),
        describe_silences(heard.pauses),
        "\n".join(describe_changes(felt)),
    )
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{name}: the arc of the feeling</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #2b2b33; margin: 2em auto; max-width: 76em;
       padding: 0 1em }}
svg {{ width: 100%; height: auto }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ text-align: left; vertical-align: top; padding: .5em .7em;
          border-top: 1px solid #dddbd5; white-space: pre-line }}
</style>
<h1>{name}</h1>
<p>{overall}</p>
{svg}
<table>
<tr><th>time</th><th>words</th><th>tone</th><th>silences</th><th>what it changes</th></tr>
{rows}
</table>
</html>
"""
