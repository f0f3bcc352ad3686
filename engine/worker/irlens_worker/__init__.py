"""The warm Python fork server of irlens: protocol loop, forking, limits, output capture.

Knows no library by name: what can be captured and lowered comes from providers
(`irlens_torch`, later others). The wire format is engine/worker/PROTOCOL.md.
"""
