"""What weights must obey."""
