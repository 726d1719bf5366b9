"""./manage bench: every figure beside its ceiling, measured in the same run."""

import subprocess
import sys
from collections.abc import Sequence

from h5app.manage.setup import ROOT, VENV_PYTHON, node_environment


def main(arguments: Sequence[str]) -> int:
    """Run the benches named, or all of them at a tenth of their size."""
    command = [str(VENV_PYTHON), "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, env=node_environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
