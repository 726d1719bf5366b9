"""What a phone cannot do at this moment."""

from h5app.kernel.error import AppError


class Impossible(AppError):
    """The sentence tells the tester why, and what to do instead."""

    code = "simulator.impossible"
    status = 409
    sentence = "手机现在不能这样做"
