import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class TestImports:
    def test_every_import_contract_of_the_root_pyproject_is_kept(self) -> None:
        lint = Path(sys.executable).with_name("lint-imports")
        answer = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stdout + answer.stderr

    def test_a_forbidden_import_is_found(self, tmp_path: Path) -> None:
        # The contracts are only worth something if they can fail: a domain that opens a connection breaks one.
        source = tmp_path / "proof"
        (source / "domain").mkdir(parents=True)
        (source / "__init__.py").touch()
        (source / "domain" / "__init__.py").write_text("import asyncpg\n")
        config = (
            "[importlinter]\nroot_package = proof\ninclude_external_packages = true\n[importlinter:contract:1]\n"
            "name = pure\ntype = forbidden\nsource_modules = proof.domain\nforbidden_modules = asyncpg\n"
        )
        (tmp_path / ".importlinter").write_text(config)
        lint = Path(sys.executable).with_name("lint-imports")
        answer = subprocess.run(
            [lint, "--no-cache", "--config", ".importlinter"],
            cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert answer.returncode == 1, answer.stdout + answer.stderr
        assert "proof.domain" in answer.stdout
