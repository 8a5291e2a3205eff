"""In which order an operator reads the settings, and which variables something reads beside settings (`tools/settings.py`)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """Variables that are decided together; names without LOOP_, and one with `*` is all that begin so."""

    title: str
    about: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """A variable that is read by other things than a process with settings. `place` is a file in which it is read."""

    name: str
    reader: str
    does: str
    place: str
    of_command: bool = False


GROUPS = (
    Group(
        "Where it is reached",
        "Addresses and ports, and what stands in front ([install.md](guides/install.md)).",
        ("PUBLIC_URL", "HOST", "PORT", "WORKER_PORT", "METRICS_PORT", "TRUSTED_PROXIES", "HSTS_SUBDOMAINS", "UPSTREAMS",
         "ROUTES", "NAVIGATION", "WORKERS", "FORWARD_AUTH_KEY_FILE", "CLIENT_CERT_*"),
    ),
    Group(
        "Database, broker, one another",
        "Each process has a role and a user of its own ([deploy/roles.sql](../deploy/roles.sql), "
        "[deploy/nats-users.conf](../deploy/nats-users.conf)).",
        ("DATABASE_URL", "DATABASE_POOL", "DATABASE_FOLDER", "NATS_URL", "STREAM_REPLICAS", "EVENT_LOGS",
         "FEEDBACK_URL", "AUDIT_URL"),
    ),
    Group(
        "Identities and keys",
        "What is lost with which key, and how each is replaced: [keys.md](guides/keys.md), "
        "[replace-signing-key.md](runbooks/replace-signing-key.md).",
        ("IDENTITY_KEYS", "SIGNING_KEY", "KEY_RING_FILE", "KEY_ENCRYPTION", "SECRET_KEY_FILE", "TRAIL_KEY_FILE"),
    ),
    Group(
        "Encryption between machines",
        "Where processes are on several machines ([install.md](guides/install.md#encryption-inside)).",
        ("INSIDE_CA", "INSIDE_CERTIFICATE", "INSIDE_KEY", "PLAIN_INSIDE"),
    ),
    Group(
        "Signing in",
        "Of staff, by their provider ([sign-in.md](guides/sign-in.md)); of systems ([integrating.md](guides/integrating.md)).",
        ("SIGN_IN_SECRETS", "SESSION_KEY_FILE", "SIGN_IN_*", "SESSION*", "DEMO_SIGN_IN",
         "ACCESS_TOKEN_LIFETIME", "CREDENTIAL_TTL"),
    ),
    Group("Operators", "Who may apply profiles and look after the installation.", ("OPERATOR_*", "RUNBOOKS_URL")),
    Group(
        "Mail and text messages",
        "Only workers send ([mail.md](guides/mail.md), [surveys.md](guides/surveys.md)).",
        ("MAIL_TRANSPORT", "MAIL_FROM", "MAIL_FROM_NAME", "MAIL_REPLY_TO", "MAIL_SMTP_*", "MAIL_NOTIFY_*", "MAIL_*", "TEXT_*"),
    ),
    Group(
        "Files",
        "Of complaints ([attachments.md](guides/attachments.md)).",
        ("SCAN_URL", "SCAN_SECONDS", "FILE_MEGABYTES", "UPLOAD_MEGABYTES", "RECORD_*", "UNSENT_MEGABYTES"),
    ),
    Group("Webhooks", "Events out to other systems ([webhooks.md](guides/webhooks.md)).", ("WEBHOOK_HOSTS", "WEBHOOK_*")),
    Group(
        "How long things are kept",
        "What an organisation decides stands in its profile ([retention.md](guides/retention.md)); this is the installation's.",
        ("TRAIL_KEEP_MONTHS", "TRAIL_HELD", "ACCESS_KEEP_MONTHS"),
    ),
    Group(
        "Logs, starting and stopping",
        "[What is in the log](security.md#what-is-logged); [how processes are replaced](guides/upgrading.md).",
        ("LOG_*", "GRACE_SECONDS", "DRAIN_SECONDS", "LISTEN_FD", "READY_FD"),
    ),
    Group("Traces", "Where a request lost its time ([tracing.md](guides/tracing.md)).", ("TRACES_ENDPOINT", "TRACES_*")),
    Group(
        "Limits of the gateway",
        "They keep one caller from taking the place of all others, and are seldom changed. A rate is requests a second, "
        "a slash, and how many may come at once.",
        ("BODY_LIMIT", "BATCH_BODY_LIMIT", "BODY_RATE", "CONNECT_TIMEOUT", "HEADER_TIMEOUT", "TURN_TIMEOUT",
         "IDLE_TIMEOUT", "STALL_TIMEOUT", "TOTAL_TIMEOUT", "UPLOAD_TIMEOUT", "EXPORT_TIMEOUT", "KEEP_ALIVE",
         "UPSTREAM_KEEP_ALIVE", "CONNECTIONS*", "QUEUE_PER_SERVICE", "UPLOADS_PER_SERVICE", "BREAKER_*", "RATE_*"),
    ),
)  # fmt: skip

SERVERS = (
    Beside("LOOP_DATABASE_URL", "migrations (`alembic … upgrade head`)",
           "The database as its owner, or `LOOP_DATABASE_URL_FILE`.",
           "libs/chassis/src/chassis/settings.py"),
    Beside("LOOP_INSIDE_CA", "migrations", "Authority (PEM) of the database's certificate.",
           "libs/chassis/src/chassis/migrate.py"),
    Beside("LOOP_PORT", "health check of the images", "Port that is asked; a worker's image names `LOOP_WORKER_PORT`.",
           "libs/chassis/src/chassis/probe.py"),
    Beside("LOOP_NATS_PASSWORD", "NATS", "Password of who sets streams up; those of services: `AUDIT_NATS_PASSWORD` and so on.",
           "deploy/nats-users.conf"),
    Beside("LOOP_FORWARD_AUTH_KEY", "Caddy, Envoy", "What is in `LOOP_FORWARD_AUTH_KEY_FILE`, for a proxy that asks.",
           "deploy/proxies/Caddyfile"),
    Beside("LOOP_FOLDER", "Compose", "Folder that `loop deploy secrets` wrote.", "docker-compose.yml"),
    Beside("LOOP_VERSION", "Compose", "Tag of the images.", "docker-compose.yml"),
    Beside("LOOP_OUT_SUBNET", "Compose", "Network of what is published, where the default is taken.", "docker-compose.yml"),
    Beside("LOOP_OUT_GATEWAY", "Compose", "This machine's address in it.", "docker-compose.yml"),
    Beside("LOOP_OIDC_URL", "Compose, profile `oidc`", "Address at which people reach the provider.", "docker-compose.yml"),
    Beside("LOOP_BACKUP_RECIPIENT", "learning-loop-backup.service", "Public key (age) to which the nightly copy is encrypted.",
           "deploy/systemd/learning-loop-backup.service"),
)  # fmt: skip

BESIDE = (
    Beside("LOOP_URL", "commands that call an installation", "`--url`: its address, where it is not that of the data folder.",
           "cli/src/loop_cli/operator.py", of_command=True),
    Beside("LOOP_OPERATOR_KEY_FILE", "the same", "`--key-file`: the operator's key; the pass lies beside it.",
           "cli/src/loop_cli/operator.py", of_command=True),
    Beside("LOOP_ADMIN_DATABASE_URL", "`bi-role`, `operator recover` and others that need the database",
           "The database as its administrator, where there is no data folder; or `LOOP_ADMIN_DATABASE_URL_FILE`.",
           "cli/src/loop_cli/bi_roles.py", of_command=True),
    Beside("LOOP_ADMIN_DATABASE_URL_FILE", "the same", "File with that.", "cli/src/loop_cli/bi_roles.py", of_command=True),
    Beside("LOOP_NATS_URL", "`broker streams`, `doctor`", "The broker as who may set streams up; or `LOOP_NATS_URL_FILE`.",
           "cli/src/loop_cli/broker.py", of_command=True),
    Beside("LOOP_KEY_RING_FILE", "`keys`", "Key ring of one service, on its own machine.",
           "cli/src/loop_cli/key_place.py", of_command=True),
    Beside("LOOP_KEY_ENCRYPTION", "`up`, `keys`", "Key-encryption keys of all services of a data folder.",
           "cli/src/loop_cli/stack/keys.py", of_command=True),
    Beside("LOOP_KEY_ENCRYPTION_", "`up`, `keys`", "The same of one service, its name in capitals behind it (`…_AUDIT`).",
           "cli/src/loop_cli/stack/keys.py", of_command=True),
    Beside("LOOP_MIGRATIONS", "a process of `up`", "What it migrates; set by `loop up` itself.",
           "cli/src/loop_cli/stack/migrate.py", of_command=True),
    Beside("LOOP_TEST_POSTGRES", "tests", "Address of a PostgreSQL for the tests, in place of the one that they start.",
           "libs/chassis/src/chassis/testing/fixtures.py"),
    Beside("LOOP_TEST_NATS", "tests", "The same of NATS.", "libs/chassis/src/chassis/testing/fixtures.py"),
    Beside("LOOP_TEST_CHROMIUM", "tests", "Program of the browser for the page tests.",
           "libs/chassis/src/chassis/testing/browser_session.py"),
    Beside("LOOP_SCREENSHOTS", "tests", "Folder in which the page tests leave a picture of each page.",
           "libs/chassis/src/chassis/testing/browser.py"),
    Beside("LOOP_CHAOS_FOLDER", "`make chaos`", "Folder below which its data lie meanwhile.", "tests/chaos/__main__.py"),
    Beside("LOOP_BENCH_SHARE", "`make bench`",
           "Share of the rows with which benchmarks of reporting run (0.01: see that they work).",
           "tests/bench/__main__.py"),
    Beside("LOOP_ADVISORIES", "`make check`", "`required`: the check fails where advisories could not be asked for.",
           "tools/vulnerabilities.py"),
    Beside("LOOP_FRONTEND_OUT", "build of the style sheets", "Another folder for what is built.", "tools/frontend/build.py"),
    Beside("LOOP_NODE_MODULES", "tests of clients in Node", "Folder of their packages.", "tests/e2e/clients/odata.mjs"),
)  # fmt: skip
