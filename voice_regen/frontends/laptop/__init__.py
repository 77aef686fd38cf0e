"""Front end `laptop`: a conversation on a microphone and a loudspeaker."""
