"""Training and evaluation of what we ship; never imported by a conversation."""
