"""Compiles a kernel stage by stage and says what went wrong, in which pass."""
