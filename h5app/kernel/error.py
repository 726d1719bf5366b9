"""Named refusals: what a customer or a broker did that cannot be done."""

from typing import Any, ClassVar


class AppError(Exception):
    """A refusal with a stable code and a Chinese sentence that says what to do next.

    Subclasses set `code` ("room.what_is_wrong"), `status` (the HTTP status) and `sentence`.
    Every code stands in docs/errors.md. Our own mistakes are assertions, never AppErrors.
    """

    code: ClassVar[str] = "kernel.refused"
    status: ClassVar[int] = 400
    sentence: ClassVar[str] = "请求无法处理,请检查后重试"

    def __init__(self, sentence: str | None = None, **details: Any) -> None:  # noqa: ANN401 - plain values for JSON
        self.message = sentence or self.sentence
        self.details = details
        super().__init__(self.message)
