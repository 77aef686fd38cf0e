"""Opening an ONNX network, the same way for every engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from voice_regen.errors import MissingExtraError, ModelError


def open_session(network: Path | bytes, threads: int, part: str, remedy: str) -> Any:
    """An ONNX Runtime session of ``network``, a file or the content of one.

    ``part`` names it in errors ("The voice kokoro"). Raises MissingExtraError without
    onnxruntime, ModelError with ``remedy`` for a network that cannot be loaded.
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
    source = network if isinstance(network, bytes) else str(network)
    try:
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises several unrelated types
        raise ModelError(f"{part} cannot be loaded: {error}", remedy) from error
