"""Every operation of every OpenAPI document, through the gateway, as everybody who could call it, with what nobody would send.

`python -m tests.fuzz_api --help` runs it for long; `tests/e2e/test_api_descriptions.py` is the short form in `make test`.
"""
