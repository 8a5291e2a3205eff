from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "deployable", ["services/audit", "services/feedback", "services/complaints", "services/reporting", "gateway"]
)
class TestMigrations:
    def test_they_are_one_numbered_line_without_a_gap(self, deployable: str) -> None:
        config = Config()
        config.set_main_option("script_location", str(ROOT / deployable / "migrations"))
        scripts = list(ScriptDirectory.from_config(config).walk_revisions())[::-1]
        assert [Path(script.path).name[:5] for script in scripts] == [f"{number:04}_" for number in range(1, len(scripts) + 1)]
        assert not [script.path for script in scripts if isinstance(script.down_revision, tuple)], "a merge"

    def test_each_can_be_undone_and_says_why_it_is_there(self, deployable: str) -> None:
        for path in (ROOT / deployable / "migrations" / "versions").glob("*.py"):
            text = path.read_text()
            assert text.startswith('"""'), path.name
            assert "def upgrade() -> None:" in text, path.name
            assert "def downgrade() -> None:" in text, path.name
