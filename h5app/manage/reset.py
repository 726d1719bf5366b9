"""./manage reset: removes the demo's state; the next start begins anew."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from h5app.manage.lock import AlreadyRunning, hold
from h5app.manage.setup import ROOT


def main(arguments: Sequence[str]) -> int:
    """Delete the state folder, unless the demo is running or it is not one of ours."""
    del arguments
    home = Path(os.environ.get("H5APP_HOME", "var"))
    home = home if home.is_absolute() else ROOT / home
    if os.environ.get("H5APP_ENV", "demo") != "demo":
        print("生产环境的数据不能用 reset 清除", file=sys.stderr)
        return 1
    if not home.is_dir():
        print("没有可清除的数据")
        return 0
    if not (home / "run.lock").exists():
        print(f"{home} 不是本产品的状态目录,没有清除任何内容", file=sys.stderr)
        return 1
    try:
        with hold(home):
            shutil.rmtree(home)
    except AlreadyRunning as running:
        print(str(running), file=sys.stderr)
        return 1
    print("演示数据已清除")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
