"""./manage test: the whole suite on what set-up made ready; other words go to pytest."""

import subprocess
import sys
from collections.abc import Sequence

from h5app.manage.setup import ROOT, VENV_PYTHON, node_environment

WORKERS = "2"


def main(arguments: Sequence[str]) -> int:
    """Run pytest over everything, or over what the arguments name."""
    command = [str(VENV_PYTHON), "-m", "pytest", "-n", WORKERS, "--dist", "loadgroup", *arguments]
    return subprocess.run(command, cwd=ROOT, env=node_environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
