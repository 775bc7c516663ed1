"""What charts, pictures and tables show, worked out once for all of them: numbers and names, no places and colours."""
