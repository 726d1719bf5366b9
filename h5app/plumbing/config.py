"""One frozen Config from H5APP_*; an unknown or unparsable setting refuses to start."""

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from h5app.kernel.clock import SHANGHAI

PREFIX = "H5APP_"
DEMO_SECRET_KEY = "demo-only-secret-key-never-in-production"  # noqa: S105 - refused in production
DEMO_WECHAT_SECRET = "demo-only-app-secret"  # noqa: S105 - refused in production
LIVE_MARKETS = {
    "sse_files": "sse_file",
    "szse_files": "szse_file",
    "redis": "redis_url",
    "tencent": "",
    "sina": "",
}
"""Sources that tell of the present moment only, and the setting that each of them needs."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class BadSetting(Exception):
    """A setting that the product refuses to start with; the text names it and what to do."""


def _setting(default: Any, about: str, *, secret: bool = False, **more: Any) -> Any:  # noqa: ANN401
    """Declare a field of Config with the sentence that docs/settings.md must hold."""
    return field(default=default, metadata={"about": about, "secret": secret, **more})


@dataclass(frozen=True)
class Config:
    """Every setting of the product. Names are H5APP_ and the field in capitals.

    A field `wechat_app_id` is H5APP_WECHAT__APP_ID: a group and its member are joined by two
    underscores. A secret may also come from a file named by the setting with _FILE behind it.
    """

    env: str = _setting("demo", "demo 或 production")
    home: Path = _setting(Path("var"), "状态目录: 数据库、行情板、历史数据、日志")
    host: str = _setting("127.0.0.1", "监听地址")
    port: int = _setting(8000, "网页端口")
    simulator_port: int = _setting(8001, "微信模拟器端口")
    base_url: str = _setting("", "公网地址 https://…;演示环境默认 http://127.0.0.1:<端口>")
    database_url: str = _setting("", "数据库地址;默认是状态目录下的 SQLite 文件", secret=True)
    redis_url: str = _setting("", "Redis 地址,行情 redis 源与多机限流用", secret=True)
    secret_key: str = _setting(DEMO_SECRET_KEY, "会话与表单的密钥,至少 32 个字符", secret=True)
    workers: int = _setting(1, "gunicorn 工作进程数")
    now: datetime | None = _setting(None, "冻结演示开始的时刻,例如 2026-11-24T09:29:30")
    speed: int = _setting(1, "演示市场时钟的速度,1 为真实速度")
    rate_limits: str = _setting("on", "on 或 off;off 只允许在演示环境")
    market: str = _setting(
        "sim", "行情源: sim、replay、sse_files、szse_files、tencent、sina、redis"
    )
    sse_file: str = _setting("", "上交所行情文件 mktdt00.txt 的路径")
    szse_file: str = _setting("", "深交所行情文件 sjshq.dbf 的路径")
    tencent_base: str = _setting("", "腾讯行情接口的地址;空则用公开地址")
    sina_base: str = _setting("", "新浪行情接口的地址;空则用公开地址")
    market_seed: int = _setting(20261124, "模拟行情的随机种子")
    market_instruments: int = _setting(0, "模拟行情的证券数量;0 为自带的约 120 只")
    replay_day: str = _setting("", "回放的交易日 YYYY-MM-DD")
    replay_dir: str = _setting("", "回放用的记录文件目录")
    counter: str = _setting("embedded", "柜台: embedded")
    venue: str = _setting("simulated", "成交场所: simulated")
    brand: str = _setting("演示证券", "券商名称,显示在每一页的标题")
    service_phone: str = _setting("95000", "客服电话")
    log_level: str = _setting("INFO", "日志级别")
    proxy_ips: str = _setting("127.0.0.1", "可信的反向代理地址,逗号分隔")
    metrics_token: str = _setting("", "从本机以外读取 /metrics 的令牌;空则只许本机", secret=True)
    wechat_app_id: str = _setting("wxdemo0000000000", "公众号 AppID")
    wechat_app_secret: str = _setting(DEMO_WECHAT_SECRET, "公众号 AppSecret", secret=True)
    wechat_token: str = _setting("demoToken2026", "消息校验 Token", secret=True)
    wechat_encoding_aes_key: str = _setting(
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "消息加解密密钥,43 个字符", secret=True
    )
    wechat_api_base: str = _setting("", "接口地址;演示环境默认是模拟器")
    wechat_oauth_base: str = _setting("", "网页授权地址;演示环境默认是模拟器")
    wechat_mp_base: str = _setting("", "二维码图片地址;演示环境默认是模拟器")
    wechat_js_url: str = _setting("", "JS-SDK 地址;演示环境默认是模拟器")
    wechat_verify_file: str = _setting("", "MP_verify 文件名中的随机串")
    wechat_templates: str = _setting("", "模板消息编号: 类型=编号,逗号分隔")
    sms_url: str = _setting("", "短信网关地址;演示环境默认是模拟器的短信列表")
    sms_token: str = _setting("", "短信网关的令牌", secret=True)
    bank_feed_url: str = _setting("", "银行流水接口的地址;空则不用")
    bank_feed_token: str = _setting("", "银行流水接口的令牌", secret=True)

    @property
    def is_demo(self) -> bool:
        """Whether this is the demo."""
        return self.env == "demo"

    @property
    def is_https(self) -> bool:
        """Whether the public address is https, so that cookies are Secure and __Host-."""
        return self.base_url.startswith("https://")

    @property
    def instance(self) -> str:
        """A short hash of H5APP_HOME that keeps the cookies of two checkouts apart."""
        return hashlib.sha256(str(self.home.resolve()).encode()).hexdigest()[:8]

    @property
    def simulator_url(self) -> str:
        """The simulator's own address as seen from this machine."""
        return f"http://127.0.0.1:{self.simulator_port}"

    @property
    def board_path(self) -> Path:
        """The mapped file with the latest quotes."""
        return self.home / "board.bin"

    @property
    def history_path(self) -> Path:
        """The folder of the bar files."""
        return self.home / "history"

    @property
    def proxy_addresses(self) -> tuple[str, ...]:
        """The reverse proxies whose X-Forwarded-For is believed."""
        return tuple(part.strip() for part in self.proxy_ips.split(",") if part.strip())

    def masked(self) -> dict[str, str]:
        """Return all settings as text, secrets as ***, for a log or a page."""
        return {
            one.name: "***"
            if one.metadata["secret"] and getattr(self, one.name)
            else str(getattr(self, one.name))
            for one in fields(self)
        }

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Config":
        """Return the checked Config of the process's environment, or of the one given.

        Raises:
            BadSetting: A setting is unknown, unparsable or not allowed together with another.
        """
        given = os.environ if environ is None else environ
        names = {variable_name(one.name): one.name for one in fields(cls)}
        values: dict[str, Any] = {}
        for variable, text in given.items():
            if not variable.startswith(PREFIX):
                continue
            name, value = _resolve(variable, text, names)
            values[name] = _parse(cls, name, variable, value)
        return checked(with_defaults(cls(**values)))


def variable_name(field_name: str) -> str:
    """Return the environment variable of a field."""
    group, _, member = field_name.partition("_")
    if group == "wechat":
        return f"{PREFIX}{group.upper()}__{member.upper()}"
    return PREFIX + field_name.upper()


def _resolve(variable: str, text: str, names: Mapping[str, str]) -> tuple[str, str]:
    if variable in names:
        return names[variable], text
    base = variable.removesuffix("_FILE")
    if variable.endswith("_FILE") and base in names:
        try:
            return names[base], Path(text).read_text("utf-8").strip()
        except OSError as wrong:
            raise BadSetting(f"{variable} 指的文件读不到: {wrong.strerror}") from wrong
    raise BadSetting(f"不认识的设置 {variable};可用的设置见 docs/settings.md")


def _parse(cls: type[Config], name: str, variable: str, text: str) -> object:
    kind = cls.__dataclass_fields__[name].type
    parsers: dict[object, Callable[[str], object]] = {
        int: int,
        Path: Path,
        datetime | None: _moment,
        str: str,
    }
    try:
        return parsers[kind](text)
    except ValueError:
        raise BadSetting(f"{variable}={text!r} 无法识别,请按 docs/settings.md 填写") from None


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def with_defaults(config: Config) -> Config:
    """Return the Config with addresses that follow from others filled in."""
    home = config.home.resolve()
    demo_base = f"http://127.0.0.1:{config.port}"
    simulator = config.simulator_url
    in_demo = config.is_demo
    wechat_api = simulator if in_demo else "https://api.weixin.qq.com"
    wechat_js = f"{simulator}/open/js/jweixin-1.6.0.js"
    return replace(
        config,
        home=home,
        base_url=(config.base_url or (demo_base if in_demo else "")).rstrip("/"),
        database_url=config.database_url or f"sqlite:///{home / 'h5app.db'}",
        wechat_api_base=config.wechat_api_base or wechat_api,
        wechat_oauth_base=config.wechat_oauth_base
        or (simulator if in_demo else "https://open.weixin.qq.com"),
        wechat_mp_base=config.wechat_mp_base
        or (simulator if in_demo else "https://mp.weixin.qq.com"),
        wechat_js_url=config.wechat_js_url
        or (wechat_js if in_demo else "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"),
        sms_url=config.sms_url or (f"{simulator}/sms" if in_demo else ""),
    )


def checked(config: Config) -> Config:
    """Return the Config when its settings may stand together.

    Raises:
        BadSetting: They may not; the sentence says which and what to do.
    """
    _check_choices(config)
    _check_forms(config)
    _check_market(config)
    if not config.is_demo:
        _check_production(config)
    return config


def _check_choices(config: Config) -> None:
    choices = {
        "env": ("demo", "production"),
        "rate_limits": ("on", "off"),
        "counter": ("embedded",),
        "venue": ("simulated",),
        "log_level": ("DEBUG", "INFO", "WARNING", "ERROR"),
    }
    for name, allowed in choices.items():
        if getattr(config, name) not in allowed:
            raise BadSetting(f"{variable_name(name)} 只能是 {' 或 '.join(allowed)}")
    for name in ("port", "simulator_port"):
        if not 1 <= getattr(config, name) <= 65535:  # noqa: PLR2004 - the range of TCP ports
            raise BadSetting(f"{variable_name(name)} 必须在 1 到 65535 之间")
    if config.workers < 1:
        raise BadSetting(f"{variable_name('workers')} 至少是 1")
    if config.speed < 0:
        raise BadSetting(f"{variable_name('speed')} 不能为负")


def _check_forms(config: Config) -> None:
    """Refuse what no part of the product could use, before any of them tries.

    A value of this kind would else be found by one process, which would die of it again and again.
    """
    forms: dict[str, tuple[bool, str]] = {
        "host": (config.host == "localhost" or _is_address(config.host), "一个 IP 地址"),
        "base_url": (_is_web(config.base_url), "http:// 或 https:// 开头的地址"),
        "database_url": (_is_database(config.database_url), "sqlite:/// 或 postgresql:// 地址"),
        "redis_url": (_has_scheme(config.redis_url, "redis", "rediss", "unix"), "redis:// 地址"),
        "proxy_ips": (all(map(_is_address, config.proxy_addresses)), "逗号分隔的 IP 地址"),
        "market_instruments": (config.market_instruments >= 0, "不小于 0 的整数"),
        "replay_day": (_is_day(config), "YYYY-MM-DD 形式的日期"),
        "wechat_encoding_aes_key": (_is_aes_key(config.wechat_encoding_aes_key), "43 个字符"),
        "tencent_base": (_is_web(config.tencent_base), "http:// 或 https:// 开头的地址"),
        "sina_base": (_is_web(config.sina_base), "http:// 或 https:// 开头的地址"),
        "sms_url": (_is_web(config.sms_url), "http:// 或 https:// 开头的地址"),
    }
    for name in ("wechat_api_base", "wechat_oauth_base", "wechat_mp_base", "wechat_js_url"):
        forms[name] = (_is_web(getattr(config, name)), "http:// 或 https:// 开头的地址")
    for name, (is_right, wanted) in forms.items():
        if not is_right:
            raise BadSetting(f"{variable_name(name)} 必须是{wanted},请按 docs/settings.md 填写")
    if config.is_demo and config.port == config.simulator_port:
        raise BadSetting(f"{variable_name('simulator_port')} 不能与 {variable_name('port')} 相同")


def _check_market(config: Config) -> None:
    """Refuse live sources where the market clock is not real time, or without what they read."""
    live = set(re.split("[,+]", config.market)) & set(LIVE_MARKETS)
    if live and config.is_demo:
        raise BadSetting(
            f"{variable_name('market')}={config.market} 是实时行情源,"
            "而演示环境的市场时钟不是真实时间;请用 sim 或 replay,"
            f"或设置 {variable_name('env')}=production"
        )
    for name in sorted(live):
        setting = LIVE_MARKETS[name]
        if setting and not getattr(config, setting):
            raise BadSetting(f"行情源 {name} 需要设置 {variable_name(setting)}")


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_web(text: str) -> bool:
    return not text or (_has_scheme(text, "http", "https") and bool(urlsplit(text).hostname))


def _has_scheme(text: str, *schemes: str) -> bool:
    try:
        return not text or urlsplit(text).scheme in schemes
    except ValueError:
        return False


def _is_database(text: str) -> bool:
    try:
        return make_url(text).get_backend_name() in {"sqlite", "postgresql"}
    except ArgumentError:
        return False


def _is_day(config: Config) -> bool:
    if not config.replay_day:
        return config.market != "replay"
    try:
        date.fromisoformat(config.replay_day)
    except ValueError:
        return False
    return True


def _is_aes_key(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9+/]{43}", text))


def _check_production(config: Config) -> None:
    is_sqlite = config.database_url.startswith("sqlite")
    refusals = {
        "secret_key": config.secret_key == DEMO_SECRET_KEY or len(config.secret_key) < 32,  # noqa: PLR2004
        "wechat_app_secret": config.wechat_app_secret == DEMO_WECHAT_SECRET,
        "wechat_app_id": config.wechat_app_id == Config.wechat_app_id,
        "wechat_token": config.wechat_token == Config.wechat_token,
        "wechat_encoding_aes_key": config.wechat_encoding_aes_key == Config.wechat_encoding_aes_key,
        "rate_limits": config.rate_limits == "off",
        "now": config.now is not None,
        "speed": config.speed != 1,
        "workers": is_sqlite and config.workers > 1,
    }
    for name, is_refused in refusals.items():
        if is_refused:
            raise BadSetting(
                f"生产环境不能使用 {variable_name(name)} 的这个值,请按 docs/settings.md 设置"
            )
    if not config.is_https:
        raise BadSetting(f"生产环境的 {variable_name('base_url')} 必须是 https:// 开头的公网地址")
    for name in ("wechat_api_base", "wechat_oauth_base", "wechat_mp_base", "wechat_js_url"):
        address = urlsplit(getattr(config, name))
        if address.hostname in _LOOPBACK or address.scheme != "https":
            raise BadSetting(f"生产环境的 {variable_name(name)} 不能指向模拟器")
    gateway = urlsplit(config.sms_url)
    if gateway.hostname in _LOOPBACK and gateway.port == config.simulator_port:
        raise BadSetting(f"生产环境的 {variable_name('sms_url')} 不能指向模拟器")
