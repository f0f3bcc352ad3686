"""Reads binaries, assembly and layouts back: which line they stem from, what they say."""
