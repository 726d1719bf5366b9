"""One service account as the configuration names it: its secrets and the platform's addresses."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from h5app.plumbing.config import Config


@dataclass(frozen=True, kw_only=True)
class Account:
    """The official account this installation speaks for."""

    app_id: str
    app_secret: str = field(repr=False)
    token: str = field(repr=False)
    encoding_aes_key: str = field(repr=False)
    base_url: str
    """Our own public address, without a slash at the end; every absolute link starts with it."""
    api_base: str
    oauth_base: str
    mp_base: str
    js_url: str
    callback_modes: frozenset[str] = frozenset({"plain", "compatible", "safe"})
    """Which of the platform's three modes the callback takes."""
    verify_name: str = ""
    """The random part of the name of the MP_verify file; empty when there is none."""
    template_id_by_kind: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The host of our public address."""
        return urlsplit(self.base_url).hostname or ""

    def link(self, path: str) -> str:
        """Return the absolute address of one of our own pages."""
        assert path.startswith("/"), path
        assert not path.startswith("//"), path
        return self.base_url + path


def account_of(config: Config) -> Account:
    """Return the account of the configuration.

    In production only encrypted callbacks are taken: the plain mode's signature does not cover the
    message itself.
    """
    encrypted = frozenset({"compatible", "safe"})
    return Account(
        app_id=config.wechat_app_id,
        app_secret=config.wechat_app_secret,
        token=config.wechat_token,
        encoding_aes_key=config.wechat_encoding_aes_key,
        base_url=config.base_url.rstrip("/"),
        api_base=config.wechat_api_base.rstrip("/"),
        oauth_base=config.wechat_oauth_base.rstrip("/"),
        mp_base=config.wechat_mp_base.rstrip("/"),
        js_url=config.wechat_js_url,
        callback_modes=encrypted | {"plain"} if config.is_demo else encrypted,
        verify_name=config.wechat_verify_file,
        template_id_by_kind=template_ids(config.wechat_templates),
    )


def template_ids(setting: str) -> dict[str, str]:
    """Return the template ids of a setting like `order_filled=AbC,reminder=DeF`."""
    pairs = (part.partition("=") for part in setting.split(",") if part.strip())
    return {kind.strip(): template_id.strip() for kind, _, template_id in pairs}
