"""Mechanisms that every service of Learning Loop shares. No business words in here."""
