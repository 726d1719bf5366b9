"""The other processes and tools: python -m h5app feed | venue | jobs | simulator | import | ..."""

import sys
from collections.abc import Callable, Sequence

USAGE = """用法: python -m h5app 命令

进程 (./manage run 会全部启动)
  feed        行情进程: 行情源 -> 行情板;演示时也带动市场时钟
  venue       成交进程: 委托送往成交场所,成交入账
  jobs        任务进程: 消息投递、开收盘、提醒
  simulator   微信模拟器 (--help)

工具
  prepare     建库、升级、准备演示数据
  import      导入证券、K线、公司行为、交易日等文件 (--help)
  bars        查看历史K线 (--help)
  menu        公众号菜单 preview | publish | diff
  wechat      公众号: 二维码、场景、标签、额度、素材、群发 (--help)
  operator    运维台账号 add | enrol | unlock
  customer    客户账号 unlock | end-sessions
  audit       核对账本 (--json)
  predict     理财日历预测: 标准输入一行一个账户
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status."""
    name = arguments[0] if arguments else ""
    command = _COMMANDS.get(name)
    if command is None:
        print(USAGE)
        return 0 if name in {"", "help", "-h", "--help"} else 2
    try:
        return command(arguments[1:])
    except _bad_setting() as refusal:
        print(f"不能启动: {refusal}", file=sys.stderr)
        return 1


def _bad_setting() -> type[Exception]:
    """Return the refusal of a setting, loaded when one is raised: `predict` starts without it."""
    from h5app.plumbing.config import BadSetting

    return BadSetting


def _feed(arguments: Sequence[str]) -> int:
    from h5app.processes import run_feed

    return run_feed(arguments)


def _venue(arguments: Sequence[str]) -> int:
    from h5app.processes import run_venue

    return run_venue(arguments)


def _jobs(arguments: Sequence[str]) -> int:
    from h5app.processes import run_jobs

    return run_jobs(arguments)


def _simulator(arguments: Sequence[str]) -> int:
    from gevent import monkey

    monkey.patch_all()
    from h5app.plumbing.config import Config
    from h5app.simulator.app import main as run_simulator

    return run_simulator(arguments, Config.from_environ())


def _tool(name: str) -> Callable[[Sequence[str]], int]:
    def run(arguments: Sequence[str]) -> int:
        from h5app import tools
        from h5app.kernel.error import AppError

        command: Callable[[Sequence[str]], int] = getattr(tools, name)
        try:
            return command(arguments)
        except AppError as refused:
            print(refused.message, file=sys.stderr)
            return 1

    return run


def _predict(arguments: Sequence[str]) -> int:
    from h5app.wealth.predict import main as predict

    del arguments
    return predict()


_COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "feed": _feed,
    "venue": _venue,
    "jobs": _jobs,
    "simulator": _simulator,
    "prepare": _tool("prepare"),
    "import": _tool("import_files"),
    "bars": _tool("bars"),
    "menu": _tool("menu"),
    "wechat": _tool("wechat"),
    "operator": _tool("operator"),
    "customer": _tool("customer"),
    "audit": _tool("audit"),
    "predict": _predict,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
