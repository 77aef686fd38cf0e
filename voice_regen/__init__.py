"""voice_regen: people leave a conversation with it better than they came."""

__version__ = "0.1.0"
