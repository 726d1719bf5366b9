"""What the jobs process does for the channel."""

from h5app.plumbing.jobs import Job
from h5app.wechat.service import WeChat

LATE_SECONDS = 0.5
TOKEN_SECONDS = 60.0
TEMPLATES_SECONDS = 30.0
FOLLOWERS_SECONDS = 60.0
FORGET_SECONDS = 3600.0


def jobs(wechat: WeChat) -> list[Job]:
    """Return the jobs of this room.

    Tokens are looked at every minute: what ends soon is refreshed before anybody waits for it.
    """
    return [
        Job("wechat.late_answers", LATE_SECONDS, wechat.late_answers.answer_due),
        Job("wechat.access_token", TOKEN_SECONDS, wechat.credentials.access_token.value),
        Job("wechat.js_ticket", TOKEN_SECONDS, wechat.credentials.js_ticket.value),
        Job("wechat.templates", TEMPLATES_SECONDS, wechat.book.ensure),
        Job("wechat.subscriptions", TEMPLATES_SECONDS, wechat.subscriptions.ensure),
        Job("wechat.followers", FOLLOWERS_SECONDS, wechat.follower_sync.step),
        Job("wechat.forget", FORGET_SECONDS, lambda: forget_expired(wechat)),
    ]


def forget_expired(wechat: WeChat) -> int:
    """Delete what may not be kept any longer; return how many rows changed."""
    return (
        wechat.callbacks.forget_expired()
        + wechat.authorization.forget_expired()
        + wechat.late_answers.forget_old()
        + wechat.template_jobs.forget_old()
    )
