"""Who speaks when, within ten seconds: pyannote's segmentation network.

The first stage of diarization; clustering voices over a whole call is scoring's. torch and
lightning are imported with the engine, not before (7 to 11 s).
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from voice_regen.engines.openmp import wait_without_spinning
from voice_regen.errors import EngineError, MissingExtraError, ModelError
from voice_regen.types import STREAM_RATE_HZ, FloatArray

REMEDY = "Fetch it again: voice-regen models fetch pyannote:segmentation-3.0"


class PyannoteSegmentation:
    """Speaker activity of short windows; speakers keep their place within one window only."""

    def __init__(self, model_path: Path, *, threads: int = 2) -> None:
        """Load pytorch_model.bin from a folder.

        Raises MissingExtraError without pyannote.audio, ModelError for a damaged file.
        """
        wait_without_spinning()
        # pyannote reports its use to its makers unless told otherwise before it is imported.
        os.environ.setdefault("PYANNOTE_METRICS_ENABLED", "0")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import torch
                from pyannote.audio import Model
                from pyannote.audio.utils.powerset import Powerset
        except ImportError as error:
            raise MissingExtraError("Diarization", "diarization", "pyannote.audio") from error
        self._torch: Any = torch
        torch.set_num_threads(threads)
        path = model_path / "pytorch_model.bin"
        if not path.is_file():
            raise ModelError(f"{model_path} holds no segmentation model.", REMEDY)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._model: Any = Model.from_pretrained(str(path))
        except Exception as error:  # damaged pickles raise anything
            raise ModelError(f"The segmentation model is damaged: {error}", REMEDY) from error
        self._model.eval()
        specifications = self._model.specifications
        self.window_s = float(specifications.duration)
        self.speakers = len(specifications.classes)
        self._powerset: Any = Powerset(self.speakers, specifications.powerset_max_classes)

    def activity(self, samples: FloatArray) -> FloatArray:
        """Shape (n,) at STREAM_RATE_HZ, up to ``window_s``, to (frames, speakers) of 0 or 1.

        About 59 frames a second. Raises EngineError for longer audio or NaN.
        """
        if samples.ndim != 1 or len(samples) > self.window_s * STREAM_RATE_HZ:
            raise EngineError(f"Segmentation takes mono audio of at most {self.window_s:.0f} s.")
        if not np.isfinite(samples).all():
            raise EngineError("The audio holds samples that are not numbers.")
        window = np.zeros(round(self.window_s * STREAM_RATE_HZ), np.float32)
        window[: len(samples)] = samples
        with self._torch.inference_mode():
            classes = self._model(self._torch.from_numpy(window)[None, None])
            active = self._powerset.to_multilabel(classes)[0].numpy()
        kept = round(len(active) * len(samples) / len(window))
        return np.asarray(active[:kept], np.float32)
