"""The scenes of our own QR codes: which branch and advisor a follower came by, from one file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from h5app.kernel.error import AppError
from h5app.notify.privacy import is_private
from h5app.plumbing.log import get_logger

FILE_NAME = "scenes.toml"
"""In H5APP_HOME; an installation without QR codes has none."""
SCENE_LENGTH_MAX = 64
NAME_LENGTH_MAX = 30
GREETING_LENGTH_MAX = 120
KEYS = frozenset({"branch", "advisor", "greeting"})

log = get_logger(__name__)


class ScenesRefused(AppError):
    """The file of scenes cannot be used; `problems` says what to change."""

    code = "wechat.scenes_refused"
    status = 422
    sentence = "场景文件有误,请按提示修改"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What one QR code stands for."""

    name: str
    branch: str = ""
    advisor: str = ""
    greeting: str = ""
    """Said in place of the sentence made of branch and advisor."""

    @property
    def words(self) -> str:
        """What is said to who comes by this code; empty when there is nothing to say."""
        if self.greeting:
            return self.greeting
        if self.advisor:
            return f"我是{self.branch}客户经理{self.advisor},很高兴为您服务。"
        return f"{self.branch}欢迎您。" if self.branch else ""


class Scenes:
    """The file as it stands now: read again when it was changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._changed_at = -1
        self._by_name: Mapping[str, Scene] = {}

    def of(self, name: str) -> Scene | None:
        """Return what a scene stands for; None for one that is not in the file."""
        return self.all().get(name)

    def greeting(self, name: str) -> str:
        """Return what is said to who comes by a scene; empty for one that is not in the file."""
        found = self.of(name)
        return found.words if found else ""

    def all(self) -> Mapping[str, Scene]:
        """Return every scene by its name; a file that cannot be used keeps what was read before."""
        try:
            changed_at = self.path.stat().st_mtime_ns
        except OSError:
            return {}
        if changed_at != self._changed_at:
            self._changed_at = changed_at
            try:
                self._by_name = read_scenes(self.path)
            except ScenesRefused as wrong:
                log.warning("wechat_scenes_refused", problems=wrong.details["problems"])
        return self._by_name


def read_scenes(path: Path) -> dict[str, Scene]:
    """Return the scenes of a file.

    Raises:
        ScenesRefused: It is no TOML, or a scene in it is not right.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8")).get("scenes", {})
    except (OSError, ValueError) as wrong:
        raise ScenesRefused(problems=[str(wrong)]) from wrong
    problems = [problem for name, table in tables.items() for problem in _problems(name, table)]
    if problems:
        raise ScenesRefused(problems=problems)
    return {name: Scene(name=name, **table) for name, table in tables.items()}


def _problems(name: str, table: object) -> list[str]:
    if not isinstance(table, dict) or not all(isinstance(text, str) for text in table.values()):
        return [f"{name}: 每一项都是文字"]
    lengths = {"branch": NAME_LENGTH_MAX, "advisor": NAME_LENGTH_MAX}
    checks = {
        f"{name}: 场景名最长 {SCENE_LENGTH_MAX} 个字符": len(name) > SCENE_LENGTH_MAX,
        f"{name}: 只能有 branch、advisor、greeting": not set(table) <= KEYS,
        f"{name}: 问候语里不能有金额、代码或电话": any(map(is_private, table.values())),
        **{
            f"{name}: {key} 最长 {lengths.get(key, GREETING_LENGTH_MAX)} 个字": len(text)
            > lengths.get(key, GREETING_LENGTH_MAX)
            for key, text in table.items()
        },
    }
    return [problem for problem, is_wrong in checks.items() if is_wrong]
