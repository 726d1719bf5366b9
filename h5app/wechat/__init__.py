"""The WeChat channel: callbacks, menu, tokens, web authorization, notices; it knows no stock."""
