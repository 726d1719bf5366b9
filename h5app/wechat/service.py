"""The channel of one service account, put together: what app.py mounts and rooms are told."""

from dataclasses import dataclass
from typing import Any

from h5app.kernel.clock import Clock
from h5app.notify.ports import Channel
from h5app.plumbing.config import Config
from h5app.plumbing.db import Database
from h5app.plumbing.outbox import Outbox
from h5app.plumbing.web import trusted_hosts
from h5app.wechat.account import Account, account_of
from h5app.wechat.bound_menu import BoundMenu
from h5app.wechat.callback import Callbacks
from h5app.wechat.channel import TemplateChannel, TemplateJobs
from h5app.wechat.client import WeChatApi
from h5app.wechat.conversation import Conversation
from h5app.wechat.credentials import Credentials
from h5app.wechat.effects import Effects
from h5app.wechat.follower_sync import FollowerSync
from h5app.wechat.followers import Followers
from h5app.wechat.jssdk import JsSdk
from h5app.wechat.late_answers import LateAnswers
from h5app.wechat.mass import Mass
from h5app.wechat.menu import Menu, MenuPlan, read_menu
from h5app.wechat.oauth import Authorization
from h5app.wechat.ports import AnswerPort
from h5app.wechat.scenes import FILE_NAME, Scenes
from h5app.wechat.sent_once import SentOnce
from h5app.wechat.service_channel import ServiceChannel
from h5app.wechat.subscriptions import Grants, SubscriptionBook, SubscriptionChannel
from h5app.wechat.templates import TemplateBook
from h5app.wechat.transport import Gateway


@dataclass(frozen=True, kw_only=True)
class WeChat:
    """The parts of the channel by name."""

    account: Account
    credentials: Credentials
    api: WeChatApi
    followers: Followers
    conversation: Conversation
    scenes: Scenes
    mass: Mass
    callbacks: Callbacks
    authorization: Authorization
    js_sdk: JsSdk
    menu: Menu
    plan: MenuPlan
    book: TemplateBook
    template_jobs: TemplateJobs
    channel: TemplateChannel
    subscriptions: SubscriptionBook
    grants: Grants
    channels: tuple[Channel, ...]
    """The ways to a follower in the order in which a notice tries them."""
    late_answers: LateAnswers
    follower_sync: FollowerSync
    bound_menu: BoundMenu

    def advisor_of(self, openid: str) -> str:
        """Return branch and advisor by whose QR code a person came first; empty without one."""
        scene = self.scenes.of(self.followers.first_scene(openid))
        return f"{scene.branch} {scene.advisor}".strip() if scene else ""


def build_wechat(
    config: Config,
    database: Database,
    wall: Clock,
    outbox: Outbox,
    answer: AnswerPort | None = None,
) -> WeChat:
    """Return the channel of the configured account; nothing is asked of the platform yet."""
    account, plan = account_of(config), read_menu()
    credentials = Credentials(database, wall, account)
    gateway = Gateway(account, credentials.access_token)
    credentials.tickets_from(gateway)
    api = WeChatApi(account, gateway)
    followers = Followers(database, wall)
    scenes = Scenes(config.home / FILE_NAME)
    conversation = Conversation(account.link, plan.entries, answer=answer, greeting=scenes.greeting)
    return WeChat(
        account=account,
        credentials=credentials,
        api=api,
        followers=followers,
        conversation=conversation,
        scenes=scenes,
        mass=Mass(database, wall, api),
        callbacks=Callbacks(
            account, database, wall, conversation, Effects(database, wall, followers, outbox)
        ),
        authorization=Authorization(account, database, wall),
        js_sdk=JsSdk(account, credentials.js_ticket, wall, trusted_hosts(config)),
        menu=Menu(api, account.link),
        plan=plan,
        late_answers=LateAnswers(database, wall, conversation, followers, api),
        follower_sync=FollowerSync(database, wall, api, followers),
        bound_menu=BoundMenu(api, database),
        **_ways(account, api, followers, database, wall),
    )


def _ways(
    account: Account, api: WeChatApi, followers: Followers, database: Database, wall: Clock
) -> dict[str, Any]:
    """Return what carries notices, in the order in which a notice tries it."""
    book = TemplateBook(account, api, database, wall)
    template_jobs = TemplateJobs(database, wall)
    channel = TemplateChannel(account, api, book, followers, template_jobs)
    once = SentOnce(database, wall)
    grants = Grants(database, once)
    subscriptions = SubscriptionBook(account, api, database, wall)
    return {
        "book": book,
        "template_jobs": template_jobs,
        "channel": channel,
        "subscriptions": subscriptions,
        "grants": grants,
        "channels": (
            channel,
            SubscriptionChannel(account, api, subscriptions, followers, grants),
            ServiceChannel(account, api, followers, once),
        ),
    }
