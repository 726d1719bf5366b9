"""./manage browser: the Playwright suite, against this checkout or any --base-url."""

import subprocess
import sys
from collections.abc import Sequence

from h5app.manage.setup import ROOT, VENV_PYTHON, node_environment


def main(arguments: Sequence[str]) -> int:
    """Run the tests that drive a browser."""
    command = [str(VENV_PYTHON), "-m", "pytest", "-m", "browser", "tests", *arguments]
    return subprocess.run(command, cwd=ROOT, env=node_environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
