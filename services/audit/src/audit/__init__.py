"""The audit service of Learning Loop."""
