"""Addresses that a webhook may go to, and the nasty ones."""

from ipaddress import ip_network

import pytest

from gateway.delivery.outside import Outside
from gateway.domain.webhook_addresses import check_url, is_allowed, may_be_called, shown


class TestNamesOfTheOperator:
    def test_without_a_list_any_may_be_named_and_with_one_only_these(self) -> None:
        hosts = ("cms.example.gov.uk", ".vendor.example")
        for name in ("cms.example.gov.uk", "a.vendor.example", "a.b.vendor.example"):
            assert check_url(f"https://{name}/events", hosts=hosts)
            assert is_allowed(hosts, f"https://{name.upper()}/events")
        for name in (
            "vendor.example",
            "evilvendor.example",
            "cms.example.gov.uk.evil.example",
            "x.cms.example.gov.uk",
            "other.org",
        ):
            with pytest.raises(ValueError, match="whoever runs this installation allows"):
                check_url(f"https://{name}/events", hosts=hosts)
            assert not is_allowed(hosts, f"https://{name}/events")
        assert check_url("https://other.org/events")
        assert is_allowed(None, "https://other.org/events")
        assert is_allowed(("*",), "https://other.org/events")
        assert not is_allowed((), "https://other.org/events")

    async def test_what_was_subscribed_with_before_is_not_called(self) -> None:
        outside = Outside((ip_network("127.0.0.0/8"),), places=1, hosts=("cms.example.gov.uk",))
        outcome = await outside.post("https://other.example/events", b"{}", {})
        await outside.close()
        assert outcome.kind == "forbidden"


class TestNetworkAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
            "100.64.0.1", "100.127.255.255", "169.254.169.254", "169.254.170.2", "168.63.129.16", "100.100.100.200",
            "192.0.0.192", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1",
            "239.255.255.250", "240.0.0.1", "255.255.255.255",
            "::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "fd12:3456::1", "ff02::1",
            "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
            "64:ff9b:1::a00:1", "2001:db8::1", "2001::1", "2001:0:7f00:1::", "2002:7f00:1::", "2002:a00:1::", "100::1",
            "3fff::1", "5f00::1", "4000::1",
            "", "localhost", "127.1", "2130706433", "0x7f000001", "017700000001", "1.2.3", "1.2.3.4.5", "fe80::1%",
        ],
    )  # fmt: skip
    def test_what_lies_inside_or_is_special_is_never_called(self, address: str) -> None:
        assert not may_be_called(address)

    @pytest.mark.parametrize(
        "address", ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "::ffff:1.1.1.1", "2606:4700::1111"]
    )
    def test_addresses_of_the_internet_are(self, address: str) -> None:
        assert may_be_called(address)

    def test_network_that_the_operator_named_is_called_but_never_metadata(self) -> None:
        allowed = [ip_network("10.20.0.0/16"), ip_network("169.254.0.0/16"), ip_network("fd00::/8"), ip_network("0.0.0.0/0")]
        assert may_be_called("10.20.3.4", allowed[:1])
        assert may_be_called("::ffff:10.20.3.4", allowed[:1])
        assert not may_be_called("10.21.3.4", allowed[:1])
        assert may_be_called("fd00::7", allowed)
        for metadata in ("169.254.169.254", "::ffff:169.254.169.254", "168.63.129.16", "fd00:ec2::254", "255.255.255.255"):
            assert not may_be_called(metadata, allowed)


class TestUrls:
    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("http://cms.example/events", "https://"),
            ("ftp://cms.example/", "https://"),
            ("file:///etc/passwd", "https://"),
            ("gopher://cms.example/", "https://"),
            ("cms.example/events", "https://"),
            ("https://user:word@cms.example/", "no user name"),
            ("https://cms.example@evil.example/", "no user name"),
            ("https://@cms.example/", "no user name"),
            ("https:///events", "an address like"),
            ("https://", "an address like"),
            ("https://cms.example:99999/", "an address like"),
            ("https://[::1/", "an address like"),
            ("https://127.0.0.1/", "not a number"),
            ("https://[::1]/", "not a number"),
            ("https://[fd00::1]/", "not a number"),
            ("https://2130706433/", "not a number"),
            ("https://0x7f.1/", "not a number"),
            ("https://127.1/", "not a number"),
            ("https://localhost/", "not a number or a short name"),
            ("https://intranet/", "not a number or a short name"),
            ("https://-cms.example/", "must name its server"),
            ("https://cms..example/", "must name its server"),
            ("https://cms.example:22/", "one of the ports 443, 8443"),
            ("https://cms.example:6379/", "one of the ports"),
            ("https://cms.example/#part", "no #"),
            ("https://cms.example/\r\nX: y", "signs of an address"),
            ("https://cms.example/a b", "signs of an address"),
            ("https://cms.example\\@evil.example/", "signs of an address"),
            ("https://exämple.org/", "xn--"),
            ("https://cms.example/" + "a" * 2_000, "characters or fewer"),
        ],
    )
    def test_address_that_may_not_be_is_refused_with_what_to_do(self, url: str, words: str) -> None:
        with pytest.raises(ValueError, match="(?s)" + words.replace("(", r"\(")):
            check_url(url)

    @pytest.mark.parametrize(
        "url",
        [
            "https://cms.example.gov.uk/events",
            "https://cms.example:8443",
            "https://CMS.example/a?sig=x",
            "https://xn--d1a.example/",
        ],
    )
    def test_address_that_may_be_stays_as_it_is(self, url: str) -> None:
        assert check_url(f" {url} ") == url

    def test_this_machine_is_called_only_where_it_is_said_so(self) -> None:
        for url in ("http://127.0.0.1:8800/events", "http://localhost:1/", "http://[::1]:9/", "https://127.0.0.1:444/"):
            assert check_url(url, loopback=True) == url
            with pytest.raises(ValueError, match="must"):
                check_url(url)
        for url in ("http://cms.example/", "http://10.0.0.1/", "http://127.0.0.1@evil.example/", "http://127.0.0.2/"):
            with pytest.raises(ValueError, match="must"):
                check_url(url, loopback=True)

    def test_query_is_not_shown(self) -> None:
        assert shown("https://cms.example/events?sig=secret") == "https://cms.example/events?…"
        assert shown("https://cms.example/events") == "https://cms.example/events"
