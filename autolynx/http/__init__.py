"""What every HTTP port of ours and every JSON that strangers wrote is held to: bounds of size, of time, of depth."""
