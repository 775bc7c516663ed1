"""Markets that pass through a window."""
