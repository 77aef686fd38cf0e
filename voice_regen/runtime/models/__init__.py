"""Models: the manifest of what exists, and the store of what is on this machine."""

from voice_regen.runtime.models.installed import Damage
from voice_regen.runtime.models.manifest import (
    Manifest,
    Model,
    Stage,
    bundled_folder,
)
from voice_regen.runtime.models.manifest_reading import load_manifest
from voice_regen.runtime.models.progress import FetchProgress, SilentProgress
from voice_regen.runtime.models.store import ModelStore, default_root

__all__ = [
    "Damage",
    "FetchProgress",
    "Manifest",
    "Model",
    "ModelStore",
    "SilentProgress",
    "Stage",
    "bundled_folder",
    "default_root",
    "load_manifest",
]
