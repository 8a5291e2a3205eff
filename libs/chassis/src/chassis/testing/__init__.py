"""What tests of every service need: servers, databases, identities, page checks. Hand-written fakes live here too."""
