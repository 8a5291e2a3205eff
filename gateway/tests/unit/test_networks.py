"""From where a client may come."""

import pytest

from chassis.errors import DomainError
from gateway.domain.networks import check_networks, lies_within


class TestLiesWithin:
    @pytest.mark.parametrize(
        ("address", "networks", "inside"),
        [
            ("192.0.2.9", (), True),
            ("192.0.2.9", ("192.0.2.0/24",), True),
            ("192.0.3.9", ("192.0.2.0/24",), False),
            ("::ffff:192.0.2.9", ("192.0.2.0/24",), True),  # a socket that takes both families
            ("2001:db8::1", ("192.0.2.0/24", "2001:db8::/48"), True),
            ("2001:db9::1", ("2001:db8::/48",), False),
            ("fe80::1%eth0", ("fe80::/64",), True),
            ("[2001:db8::1]", ("2001:db8::/48",), True),
            ("unknown", ("192.0.2.0/24",), False),
            ("", ("0.0.0.0/1",), False),
        ],
    )
    def test_address_is_read_as_what_it_is(self, address: str, networks: tuple[str, ...], inside: bool) -> None:
        assert lies_within(address, networks) is inside


class TestCheckNetworks:
    def test_each_is_written_in_one_way_and_once(self) -> None:
        assert check_networks([" 192.0.2.7", "192.0.2.7/32", "2001:DB8:0::/48"]) == ("192.0.2.7/32", "2001:db8::/48")

    @pytest.mark.parametrize("wrong", ["10.1.2.3/8", "office", "", "0.0.0.0/0", "::/0", "::ffff:10.0.0.0/104", "10.0.0.0/33"])
    def test_slip_is_named(self, wrong: str) -> None:
        with pytest.raises(DomainError) as error:
            check_networks(["192.0.2.0/24", wrong])
        assert len(error.value.errors) == 1
