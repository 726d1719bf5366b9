"""The demo publishes its menu by itself; a real account's is published by command."""

from h5app.wechat.menu import Menu, MenuPlan


class DemoMenu:
    """Publishes once per process, as soon as the platform answers."""

    def __init__(self, menu: Menu, plan: MenuPlan) -> None:
        self._menu = menu
        self._plan = plan
        self._is_published = False

    def publish(self) -> None:
        """Publish what is not there yet.

        Raises:
            WeChatSilent: The simulator is not up yet; the next turn tries again.
            WeChatRefused: It did not take the menu.
        """
        if self._is_published:
            return
        if self._menu.differences(self._plan):
            self._menu.publish(self._plan)
        self._is_published = True
