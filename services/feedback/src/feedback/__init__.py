"""The feedback service of Learning Loop."""
