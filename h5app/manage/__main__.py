"""Entry of ./manage: makes the virtual environment fit for the command, then runs it inside."""

import os
import subprocess
import sys
from collections.abc import Sequence

from h5app.manage.setup import ROOT, VENV_PYTHON, SetupFailed, Want, prepare

USAGE = """用法: ./manage 命令

  setup     安装依赖、构建页面资源
  run       启动全部进程 (--lan 局域网可访问; --replay 日期 回放历史行情)
  test      准备测试环境并运行全部测试 (--long 用大数量; 其余参数交给 pytest)
  check     格式、规范、类型、依赖方向、模板
  bench     性能数字与上限对照 (名称...; --full 完整规模)
  browser   只运行浏览器测试 (--base-url 地址 对已有网站)
  reset     清除本检出的演示数据
"""
WANTS = {
    "setup": Want.RUN,
    "run": Want.RUN,
    "reset": Want.NOTHING,
    "test": Want.TEST,
    "browser": Want.TEST,
    "check": Want.TEST,
    "bench": Want.BENCH,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status."""
    name = arguments[0] if arguments else ""
    if name not in WANTS:
        print(USAGE)
        return 0 if name in {"", "help", "-h", "--help"} else 2
    try:
        prepare(WANTS[name])
    except SetupFailed as failed:
        print(f"准备失败: {failed}", file=sys.stderr)
        return 1
    if name == "setup":
        print("已准备好。启动: ./manage run")
        return 0
    command = [str(VENV_PYTHON), "-m", f"h5app.manage.{name}", *arguments[1:]]
    if WANTS[name] is Want.NOTHING:
        command[0] = sys.executable
    sys.stdout.flush()
    if os.name == "posix" and name == "run":
        os.chdir(ROOT)
        os.execv(command[0], command)  # noqa: S606 - Ctrl-C then reaches the supervisor itself
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
