"""The judge: Silero's voice activity network (MIT), the ONNX file that faster-whisper ships."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from voice_regen.errors import EngineError, MissingExtraError, ModelError
from voice_regen.types import FloatArray

WINDOW_SAMPLES = 512
CONTEXT_SAMPLES = 64
"""Each window is judged with the last samples of the one before (Silero v5 and newer)."""
STATE_SHAPE = (1, 1, 128)


def bundled_model() -> Path:
    """The network inside the installed faster-whisper; its code is not imported.

    Raises MissingExtraError without the package, ModelError if it no longer ships one.
    """
    spec = find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        raise MissingExtraError("Silero voice activity", "talk", "faster-whisper")
    found = sorted((Path(spec.origin).parent / "assets").glob("silero_vad*.onnx"))
    if not found:
        raise ModelError(
            "The installed faster-whisper carries no Silero voice activity model.",
            "Install a version that does: pip install 'faster-whisper==1.2.1'",
        )
    return found[-1]


class SileroVoiceActivity:
    """Engine for Silero's network; streams share its weights."""

    window_samples = WINDOW_SAMPLES

    def __init__(self, model_path: Path | None = None) -> None:
        """``model_path``: another Silero ONNX file of the same shape.

        Raises MissingExtraError without onnxruntime, ModelError for a damaged file.
        """
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtraError("Silero voice activity", "talk", "onnxruntime") from error
        options = onnxruntime.SessionOptions()
        # A window is 0.1 ms of work: threads would cost more than they bring.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        path = model_path or bundled_model()
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises several unrelated types
            raise ModelError(
                f"The voice activity model {path.name} cannot be loaded: {error}",
                "Reinstall it: pip install --force-reinstall faster-whisper",
            ) from error

    def open_stream(self) -> SileroVoiceActivityStream:
        """A detector for one stream."""
        return SileroVoiceActivityStream(self._session)


class SileroVoiceActivityStream:
    """One stream: the network's memory and the last 64 samples."""

    def __init__(self, session: Any) -> None:
        """``session`` is the engine's ONNX session, shared."""
        self._session = session
        self.reset()

    def reset(self) -> None:
        """Forget the past."""
        self._h = np.zeros(STATE_SHAPE, np.float32)
        self._c = np.zeros(STATE_SHAPE, np.float32)
        self._context = np.zeros(CONTEXT_SAMPLES, np.float32)

    def judge(self, window: FloatArray) -> float:
        """Chance of speech in 512 samples."""
        if window.shape != (WINDOW_SAMPLES,):
            raise EngineError(f"Silero judges {WINDOW_SAMPLES} samples, not {window.shape}.")
        joined = np.concatenate((self._context, window))[np.newaxis, :]
        probabilities, self._h, self._c = self._session.run(
            None, {"input": joined, "h": self._h, "c": self._c}
        )
        self._context = window[-CONTEXT_SAMPLES:].copy()
        return float(probabilities.reshape(-1)[0])
