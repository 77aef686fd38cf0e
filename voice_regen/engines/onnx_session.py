"""Opening an ONNX network, the same way for every voice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from voice_regen.errors import MissingExtraError, ModelError


def open_session(path: Path, threads: int, part: str, remedy: str) -> Any:
    """An ONNX Runtime session of the network in ``path``.

    ``part`` names it in errors ("The voice kokoro"). Raises MissingExtraError without
    onnxruntime, ModelError with ``remedy`` for a file that cannot be loaded.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError(part, "talk", "onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Spinning threads would take the processor from recognition between two phrases.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises several unrelated types
        raise ModelError(f"{part} cannot be loaded: {error}", remedy) from error
