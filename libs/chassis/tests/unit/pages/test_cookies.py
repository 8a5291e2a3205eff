from chassis.pages.cookies import named


def test_under_https_no_other_host_and_no_plain_connection_can_set_it() -> None:
    assert named("loop-say", "/c/north", secure=True) == ("__Host-loop-say", "/")
    assert named("loop-say", "/c/north", secure=False) == ("loop-say", "/c/north")
