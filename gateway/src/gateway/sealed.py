"""What the gateway has sealed of webhooks; `python -m gateway.sealed` brings it under the key that seals now.

Names of who is signed in, and attempts to sign in, are sealed by the session key: they end by themselves within hours. Second
factors of operators are the installation's: the root of the ring seals them, and what wraps the root is changed.
"""

from chassis import sealed
from chassis.resealing import main
from chassis.sealed import Column, Sealed
from gateway.adapters import second_factors, webhook_sealing

_BOUND = "t.subscription_id"

SEALED = Sealed(
    "gateway",
    (
        Column("webhook_subscription", "address", bound=_BOUND),
        Column("webhook_subscription", "contact", bound=_BOUND),
        Column("webhook_subscription", "secret", bound=_BOUND),
        Column("webhook_subscription", "previous_secret", bound=_BOUND),
        Column("operator_key", "totp_sealed", bound="t.name"),
        *sealed.MAIL,
    ),
    (
        webhook_sealing.ADDRESS,
        webhook_sealing.CONTACT,
        webhook_sealing.SECRET,
        webhook_sealing.PREVIOUS,
        second_factors.PURPOSE,
        *sealed.MAIL_PURPOSES,
    ),
    {
        "rate.key": "a keyed hash of who calls",
        "session.label_sealed": "sealed by the session key, for hours",
        "sign_in_attempt.sealed": "sealed by the session key, for minutes",
        "trail.hash": "the mark of an entry in its chain",
        "trail_beginning.hash": "the mark of the entry after which the chain begins",
        "trail_checkpoint.hash": "the mark of the entry at which the chain was sealed",
    },
)

if __name__ == "__main__":
    main(SEALED)
