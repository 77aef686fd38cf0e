"""Import directions, read from the syntax tree, and what an import may bring with it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "voice_regen"

FOUNDATION = {"types", "config", "errors", "events", "__init__"}

# What each part may import from voice_regen, besides itself and the foundation.
ALLOWED: dict[str, set[str]] = {
    "audio": set(),
    "demo": set(),
    "engines": {"audio"},
    "hearing": {"engines", "audio"},
    "feeling": {"engines", "audio"},
    "dialogue": {"engines", "audio", "feeling", "care"},
    "care": {"engines", "audio", "dialogue"},
    "speaking": {"engines", "audio", "feeling"},
    "scoring": {"hearing", "feeling", "dialogue", "speaking", "care", "engines", "audio"},
}
ALLOWED["runtime"] = {*ALLOWED, "scoring"}
ALLOWED["training"] = {*ALLOWED, "runtime"}
ALLOWED["frontends"] = {*ALLOWED, "runtime", "training"}
ALLOWED["cli"] = {*ALLOWED, "frontends"}

LIGHT = {"numpy", "msgspec", "cryptography"}
"""Third-party packages that any module may import at its top."""
LIGHT_IN: dict[str, set[str]] = {
    "cli": {"typer", "rich", "click"},
    "frontends": {"rich"},
    "audio": {"soxr", "soundfile"},
    "speaking": {"soundfile"},
    "training": {"soundfile"},
}

# Imported inside constructors and functions alone; the talk path lives without the first row.
NOT_FOR_TALK = ("torch", "torchaudio", "torchcodec", "TTS", "pyannote", "speechbrain", "sklearn")
HEAVY = (
    *NOT_FOR_TALK,
    *("transformers", "faster_whisper", "ctranslate2", "onnxruntime", "kokoro_onnx", "pyaudio"),
    *("livekit", "webrtcvad", "scipy", "av", "huggingface_hub", "tokenizers"),
)

MODULES = sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    """The layer of a module: its folder below the package, or its own name."""
    first, *deeper = path.relative_to(PACKAGE).with_suffix("").parts
    del deeper
    return first


def dotted(path: Path) -> list[str]:
    return ["voice_regen", *path.relative_to(PACKAGE).with_suffix("").parts]


def imported_by(node: ast.AST, path: Path) -> Iterator[str]:
    """Full names that an import statement names; relative ones are resolved."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            base = ".".join([*dotted(path)[: -node.level], *filter(None, [base])])
        yield base
        for alias in node.names:
            yield f"{base}.{alias.name}"


def own_imports(source: str, path: Path) -> set[str]:
    """Parts of voice_regen imported anywhere in the file, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        for name in imported_by(node, path):
            pieces = name.split(".")
            if pieces[0] == "voice_regen" and len(pieces) > 1:
                inside = PACKAGE / pieces[1]
                if inside.is_dir() or inside.with_suffix(".py").is_file():
                    found.add(pieces[1])
    return found


def own_modules(source: str, path: Path) -> set[str]:
    """Modules of voice_regen imported, as dotted names that exist as files."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        for name in imported_by(node, path):
            if name.startswith("voice_regen."):
                place = ROOT / Path(*name.split("."))
                if place.with_suffix(".py").is_file() or place.is_dir():
                    found.add(name)
    return found


def top_level_imports(source: str, path: Path) -> set[str]:
    """First pieces of what is imported when the module is: not in functions, not for types."""
    found: set[str] = set()

    def visit(nodes: list[ast.stmt]) -> None:
        for node in nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                visit(node.orelse)
                continue
            found.update(name.split(".")[0] for name in imported_by(node, path))
            for field in ("body", "orelse", "finalbody"):
                visit(getattr(node, field, []))
            for clause in getattr(node, "handlers", []):
                visit(clause.body)

    visit(ast.parse(source).body)
    return found


def id_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def test_every_part_has_its_place() -> None:
    parts = {part_of(path) for path in MODULES if not part_of(path).startswith("_")}
    assert parts - FOUNDATION <= ALLOWED.keys(), "say in ALLOWED what the new part may import"
    assert {"hearing", "engines", "runtime", "cli"} <= parts


@pytest.mark.parametrize("path", MODULES, ids=id_of)
def test_imports_point_down_only(path: Path) -> None:
    part = part_of(path)
    allowed = FOUNDATION if part in FOUNDATION else {part, *FOUNDATION, *ALLOWED.get(part, set())}
    assert own_imports(path.read_text("utf-8"), path) <= allowed


@pytest.mark.parametrize("path", [p for p in MODULES if part_of(p) == "engines"], ids=id_of)
def test_an_engine_knows_only_what_lies_below(path: Path) -> None:
    """An adapter may import small files beside it, never the registry, which knows them all."""
    if path.stem == "registry":
        return
    assert "voice_regen.engines.registry" not in own_modules(path.read_text("utf-8"), path)


@pytest.mark.parametrize("path", MODULES, ids=id_of)
def test_nothing_heavy_is_imported_with_a_module(path: Path) -> None:
    found = top_level_imports(path.read_text("utf-8"), path)
    foreign = found - sys.stdlib_module_names - {"voice_regen", "__future__"}
    assert foreign <= LIGHT | LIGHT_IN.get(part_of(path), set())


@pytest.mark.parametrize(
    ("source", "top", "parts"),
    [
        ("from voice_regen.speaking import playout", {"voice_regen"}, {"speaking"}),
        ("def f():\n    from voice_regen.cli.main import app", set(), {"cli"}),
        ("from ..speaking.playout import Playout", {"voice_regen"}, {"speaking"}),
        ("class A:\n    import torch", {"torch"}, set()),
        ("try:\n    import torch\nexcept ImportError:\n    import av", {"torch", "av"}, set()),
        ("if TYPE_CHECKING:\n    import torch\nelse:\n    import av", {"av"}, set()),
        ("from voice_regen import hearing", {"voice_regen"}, {"hearing"}),
    ],
)
def test_the_reading_of_imports_sees(source: str, top: set[str], parts: set[str]) -> None:
    path = PACKAGE / "hearing" / "listener.py"
    assert top_level_imports(source, path) == top
    assert own_imports(source, path) == parts


def run_python(code: str, *arguments: str) -> str:
    """What a fresh interpreter prints; its complaint fails the test."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_imports_nothing_heavy() -> None:
    code = f"""
import sys
import voice_regen.cli.main
print(*sorted(set({HEAVY!r}) & set(sys.modules)))
"""
    assert run_python(code).split() == []


BLOCK = f"""
import importlib, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {NOT_FOR_TALK!r}:
            raise ModuleNotFoundError(f"blocked: {{name}}", name=name)

sys.meta_path.insert(0, Blocked())
for name in sys.argv[1:]:
    importlib.import_module(name)
print("imported", len(sys.argv) - 1)
"""


def test_every_module_imports_without_torch() -> None:
    names = [".".join(dotted(path)).removesuffix(".__init__") for path in MODULES]
    assert run_python(BLOCK, *names).split() == ["imported", str(len(MODULES))]


def test_the_libraries_of_a_conversation_import_without_torch() -> None:
    names = ["faster_whisper", "onnxruntime", "webrtcvad", "kokoro_onnx", "livekit.rtc", "pyaudio"]
    assert run_python(BLOCK, *names).split() == ["imported", str(len(names))]
