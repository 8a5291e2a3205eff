"""Run the steps of a Dockerfile where there is no container engine, as root on Linux, and leave the last stage as a folder.

    python tools/image_steps.py services/audit/Dockerfile BASE WORK

BASE is a folder with a system as the base image has it: Debian with `python`, such as debootstrap makes with the packages
python3, python3-venv, python-is-python3 and ca-certificates. It takes the place of every base image, so this is no build of the
image itself: it shows that the steps work, in this order, with what they copy and nothing else. WORK/<stage> are the stages;
the one without a name, which the image would hold, is WORK/final. WORK/config.json is what a container would be started with.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PASSED = re.compile(r"^(PIP_|UV_|SSL_|REQUESTS_CA|NODE_EXTRA_CA|npm_config_|NPM_CONFIG_|(https?|no)_proxy$)", re.IGNORECASE)
"""Where packages come from is the machine's, as it is a builder's."""

NOTED = {"ARG", "USER", "EXPOSE", "HEALTHCHECK", "CMD", "ENTRYPOINT"}


def steps(text: str) -> list[tuple[str, str]]:
    """Instructions and what follows each; comments are left out, continued lines joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def left_out() -> list[str]:
    """Names that .dockerignore keeps from the builder at any depth."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line.removeprefix("**/") for line in lines if line.startswith("**/")]


@dataclass
class Stage:
    """A stage under way."""

    folder: Path
    workdir: str = "/"
    env: dict[str, str] = field(
        default_factory=lambda: {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    )
    config: dict[str, str] = field(default_factory=dict)

    def at(self, path: str) -> Path:
        """A path of the stage on this machine."""
        return self.folder / str(Path(self.workdir) / path).lstrip("/")

    def run(self, command: str) -> None:
        """A step in a file system, a table of mounts and of processes of its own. Raises CalledProcessError."""
        env = {name: value for name, value in os.environ.items() if PASSED.match(name)} | {"HOME": "/root", **self.env}
        inside = f"cd {shlex.quote(self.workdir)} && {command}"
        proc = self.folder / "proc"
        outside = [
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            f"--mount-proc={proc}",
            "chroot",
            str(self.folder),
            "/bin/sh",
            "-ec",
            inside,
        ]
        subprocess.run(outside, env=env, check=True)

    def copy(self, sources: list[str], target: str, origin: Path) -> None:
        """COPY: a folder's content, or files into a folder or under a name."""
        for source in sources:
            came, goes = origin / source.lstrip("/"), self.at(target)
            if came.is_dir():
                ignored = shutil.ignore_patterns(*left_out()) if origin == ROOT else None
                shutil.copytree(came, goes, dirs_exist_ok=True, symlinks=True, ignore=ignored)
                continue
            goes = goes / came.name if target.endswith("/") or len(sources) > 1 else goes
            goes.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(came, goes)


def build(dockerfile: Path, base: Path, work: Path) -> Stage:
    """Run all steps; gives the last stage."""
    stages: dict[str, Stage] = {}
    stage = Stage(work)
    for word, rest in steps(dockerfile.read_text()):
        print(f"{word} {rest}", flush=True)
        match word:
            case "FROM":
                name = rest.rpartition(" AS ")[2] if " AS " in rest else "final"
                stage = stages[name] = Stage(work / name)
                subprocess.run(["cp", "--archive", str(base), str(stage.folder)], check=True)
            case "WORKDIR":
                stage.workdir = rest
                stage.at(".").mkdir(parents=True, exist_ok=True)
            case "ENV":
                for part in shlex.split(rest):
                    name, _, value = part.partition("=")
                    stage.env[name] = value.replace("$PATH", stage.env["PATH"])
            case "RUN":
                stage.run(rest)
            case "COPY":
                words = shlex.split(rest)
                origin = ROOT
                if words[0].startswith("--from="):
                    origin = stages[words.pop(0).removeprefix("--from=")].folder
                stage.copy(words[:-1], words[-1], origin)
            case _ if word in NOTED:
                stage.config[word] = rest
            case _:
                raise SystemExit(f"{dockerfile}: {word} is not known here.")
    return stage


def main(dockerfile: str, base: str, work: str) -> int:
    """Run it; gives the exit code."""
    target = Path(work)
    target.mkdir(parents=True)
    last = build(Path(dockerfile).resolve(), Path(base), target)
    (target / "config.json").write_text(json.dumps({"env": last.env, **last.config}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
