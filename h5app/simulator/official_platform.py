"""The platform put together: every noun once, over one file of state."""

from h5app.kernel.clock import Clock, SystemClock
from h5app.simulator.api.account import Account
from h5app.simulator.api.agents import Agents
from h5app.simulator.api.articles import Articles
from h5app.simulator.api.credentials import Credentials
from h5app.simulator.api.interfaces import Interfaces
from h5app.simulator.api.mass import Mass
from h5app.simulator.api.media import Media
from h5app.simulator.api.menus import Menus
from h5app.simulator.api.people import People
from h5app.simulator.api.qrcodes import QrCodes
from h5app.simulator.api.quotas import Quotas
from h5app.simulator.api.service_messages import ServiceMessages
from h5app.simulator.api.subscriptions import Subscriptions
from h5app.simulator.api.tags import Tags
from h5app.simulator.api.templates import TemplateInterfaces, Templates
from h5app.simulator.api.web_tokens import WebTokens
from h5app.simulator.callback.courier import Courier
from h5app.simulator.callback.letter import Letters
from h5app.simulator.callback.passive_reply import ReplyReader
from h5app.simulator.callback.queue import DueEvents
from h5app.simulator.chance import Chance
from h5app.simulator.clock import PlatformClock
from h5app.simulator.phone.addresses import Addresses
from h5app.simulator.phone.authorize import Authorization
from h5app.simulator.phone.chat import Chat, ReplyWindows
from h5app.simulator.phone.deeds import Deeds
from h5app.simulator.settings import Settings
from h5app.simulator.store import Store
from h5app.simulator.tester.call_log import CallLog
from h5app.simulator.tester.faults import Faults
from h5app.simulator.tester.market_clock import MarketClock
from h5app.simulator.tester.text_messages import TextMessages


class Platform:
    """What one simulator consists of. `open` makes it; `close` ends its threads and its file."""

    def __init__(self, settings: Settings, wall: Clock | None = None) -> None:
        self.settings = settings
        self.store = Store(settings.database_path)
        self.clock = PlatformClock(self.store, wall or SystemClock())
        self.chance = Chance(self.store, settings.seed)
        self.log = CallLog(self.store, self.clock)
        self.faults = Faults(self.store)
        self.text_messages = TextMessages(self.store, self.clock)
        self.addresses = Addresses(settings)
        self.market_clock = MarketClock(settings)
        self._make_nouns()
        self._make_courier()
        self._make_interfaces()
        self.seed()

    def _make_nouns(self) -> None:
        store, clock, chance = self.store, self.clock, self.chance
        self.credentials = Credentials(store, clock, chance, self.settings)
        self.quotas = Quotas(store, clock)
        self.people = People(store, clock, chance)
        self.chat = Chat(store, clock)
        self.windows = ReplyWindows(store, clock)
        self.events = DueEvents(store, clock, self.settings.event_delay_seconds)
        self.menus = Menus(store, self.people)
        self.templates = Templates(store, clock, chance)
        self.subscriptions = Subscriptions(
            store, self.templates, self.people, self.chat, self.events
        )
        self.service_messages = ServiceMessages(store, clock, self.people, self.chat, self.windows)
        self.qrcodes = QrCodes(store, clock, chance)
        self.media = Media(store, clock, chance)
        self.agents = Agents(store, clock, self.people, self.events)
        self.mass = Mass(store, clock, self.people, self.chat, self.events)
        self.web_tokens = WebTokens(store, clock, chance, self.people, self.credentials)

    def _make_courier(self) -> None:
        letters = Letters(self.settings, self.clock, self.chance)
        replies = ReplyReader(self.settings, letters, self.chat, self.agents)
        self.courier = Courier(
            self.store,
            self.clock,
            chat=self.chat,
            letters=letters,
            replies=replies,
            events=self.events,
        )
        self.deeds = Deeds(self)
        self.authorization = Authorization(self)

    def _make_interfaces(self) -> None:
        nouns = (
            self.credentials,
            Account(self.store, self.clock, self.credentials, self.quotas),
            self.menus,
            TemplateInterfaces(self.store, self.templates, self.people, self.chat, self.events),
            self.subscriptions,
            self.service_messages,
            self.agents,
            self.mass,
            self.people,
            Tags(self.store, self.people),
            self.qrcodes,
            self.media,
            Articles(self.store, self.clock, self.chance, self.events),
            self.web_tokens,
        )
        endpoints = [endpoint for noun in nouns for endpoint in noun.endpoints()]
        self.interfaces = Interfaces(self, endpoints)

    def seed(self) -> None:
        """Put the phones and the template library there, once."""
        with self.store.write():
            if self.store.setting("seeded", default=False):
                return
            for number in range(1, self.settings.users + 1):
                is_last_of_many = number == self.settings.users and number >= 3  # noqa: PLR2004 - as Settings.users says
                platform = "android" if number % 2 == 0 else "ios"
                self.people.add(platform=platform, is_following=not is_last_of_many)
            self.templates.seed()
            self.subscriptions.seed()
            self.store.put_setting("seeded", value=True)

    def reset(self) -> None:
        """Forget everything and begin again; the same seed gives the same phones and ids."""
        with self.store.write():
            self.store.clear()
            self.seed()

    def close(self) -> None:
        """End the courier's threads and close the file."""
        self.courier.stop()
        self.store.close()
