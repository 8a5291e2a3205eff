"""A crawler that tries to see one organisation's records as the people and systems of another (test_crawler.py)."""
