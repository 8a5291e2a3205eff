"""The complaints service of Learning Loop."""
