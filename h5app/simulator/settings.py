"""What a simulator is started with: the account it plays and where the account's server is."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from h5app.plumbing.config import Config

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1", "[::1]")
PHONE_DOMAIN = "localhost"
CRYPTO_MODES = ("plain", "compatible", "safe")

ABOUT = """离线的微信公众平台(服务号)模拟器。

它在本机用与微信相同的路径、错误形状 (HTTP 200 + errcode + rid)、有效期和配额回答服务号的接口,
向服务号的回调地址发送消息和事件,并提供可以点的手机:
  http://127.0.0.1:8001/            测试台: 并排的手机、事件、平台时钟、配额、故障、日志
  http://u1.localhost:8001/phone/u1 单独一部手机
  http://127.0.0.1:8001/log.json    全部调用记录
  http://127.0.0.1:8001/sms         短信验证码列表
把接口地址换成模拟器的地址即可使用, 任何语言的服务号程序都可以; 见 docs/simulator.md。
"""


class NotLoopback(Exception):
    """The simulator was told to listen on the network without saying that this is meant."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The account played, its server, and where this simulator listens and keeps its state."""

    home: Path
    """Folder of simulator.db."""
    host: str = "127.0.0.1"
    port: int = 8001
    seed: int = 1
    users: int = 3
    """Phones at the start; the last of three or more does not follow yet."""
    app_id: str = "wxdemo0000000000"
    app_secret: str = "demo-only-app-secret"  # noqa: S105 - the demo's, refused in production
    token: str = "demoToken2026"  # noqa: S105 - the demo's, refused in production
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    account_id: str = "gh_demo00000001"
    account_name: str = "演示证券"
    crypto_mode: str = "safe"
    app_base_url: str = "http://127.0.0.1:8000"
    """Where the phones' web views fetch the account's pages."""
    app_public_url: str = ""
    """The address the account's server gives for itself, when it is another than `app_base_url`."""
    callback_url: str = ""
    allows_network: bool = False
    callback_timeout_seconds: float = 5.0
    event_delay_seconds: float = 1.0
    """How long after a send its result event leaves."""

    @property
    def database_path(self) -> Path:
        """The SQLite file that holds all of the platform's state."""
        return self.home / "simulator.db"

    @property
    def callback_address(self) -> str:
        """Where messages and events go."""
        return self.callback_url or f"{self.app_base_url}/wechat/callback"

    def phone_origin(self, user_id: str, port: int | None = None) -> str:
        """Return the web view's own origin of a phone."""
        return f"http://{user_id}.{PHONE_DOMAIN}:{port or self.port}"

    @classmethod
    def from_config(cls, config: Config) -> "Settings":
        """Return the settings that match the product's own configuration."""
        return cls(
            home=config.home,
            port=config.simulator_port,
            app_id=config.wechat_app_id,
            app_secret=config.wechat_app_secret,
            token=config.wechat_token,
            aes_key=config.wechat_encoding_aes_key,
            account_name=config.brand,
            app_base_url=f"http://127.0.0.1:{config.port}" if config.is_demo else config.base_url,
            app_public_url=config.base_url,
        )


def parse_arguments(argv: Sequence[str], base: Settings) -> Settings:
    """Return `base` with the command line's wishes.

    Raises:
        NotLoopback: A network address without --allow-network.
        SystemExit: The command line cannot be read, or asked for help.
    """
    given = vars(_parser(base).parse_args(argv))
    settings = replace(base, **{name: value for name, value in given.items() if value is not None})
    if settings.host not in LOOPBACK_NAMES and not settings.allows_network:
        raise NotLoopback(f"模拟器没有登录保护,监听 {settings.host} 需要加 --allow-network")
    return settings


def _parser(base: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m h5app simulator",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    texts = {
        "host": f"监听地址,默认 {base.host}",
        "app-id": "所扮演服务号的 AppID",
        "app-secret": "AppSecret",
        "token": "回调签名的 Token",
        "aes-key": "EncodingAESKey,43 个字符",
        "account-id": "服务号原始 ID (gh_...)",
        "account-name": "手机上显示的服务号名称",
        "app-base-url": f"被测网站的地址,手机的网页从这里取,默认 {base.app_base_url}",
        "app-public-url": "被测网站自称的地址 (网页授权域名),默认与 app-base-url 相同",
        "callback-url": "消息回调地址,默认是 <app-base-url>/wechat/callback",
    }
    for name, text in texts.items():
        parser.add_argument(f"--{name}", help=text)
    parser.add_argument("--home", type=Path, help=f"状态目录 (simulator.db),默认 {base.home}")
    parser.add_argument("--port", type=int, help=f"端口,默认 {base.port}")
    parser.add_argument("--seed", type=int, help="随机种子: 同一种子、同样的操作得到同样的编号")
    parser.add_argument(
        "--users", type=int, help="开始时的手机数量,默认 3 (u1、u2 已关注,u3 未关注)"
    )
    parser.add_argument(
        "--crypto-mode", choices=CRYPTO_MODES, help="消息加解密方式: 明文、兼容、安全 (默认)"
    )
    parser.add_argument(
        "--allow-network",
        dest="allows_network",
        action="store_true",
        default=None,
        help="允许监听本机以外的地址",
    )
    return parser


def same_place(address: str, base: str) -> bool:
    """Return whether an address lies on the server of `base`, by whichever loopback name."""
    one, other = urlsplit(address), urlsplit(base)
    if one.scheme != other.scheme or _port(one.scheme, one.port) != _port(other.scheme, other.port):
        return False
    both_loopback = one.hostname in LOOPBACK_NAMES and other.hostname in LOOPBACK_NAMES
    return both_loopback or one.hostname == other.hostname


def _port(scheme: str, port: int | None) -> int:
    return port or {"https": 443}.get(scheme, 80)
