"""Markets larger than memory: their rows pass through a window while a simulation runs over them."""
