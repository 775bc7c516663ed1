"""One file a method; its name is the name in YAML, and stands in `allocate.table`."""
