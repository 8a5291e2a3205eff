"""The reporting service of Learning Loop."""
