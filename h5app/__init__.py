"""A white-label H5 brokerage that opens from WeChat."""
