"""Settings that a real house could start with."""

KEY = "k" * 43
PRODUCTION = {
    "H5APP_ENV": "production",
    "H5APP_BASE_URL": "https://broker.example.com",
    "H5APP_SECRET_KEY": "a-secret-of-more-than-32-characters-0001",
    "H5APP_WECHAT__APP_ID": "wx0123456789abcdef",
    "H5APP_WECHAT__APP_SECRET": "0123456789abcdef0123456789abcdef",
    "H5APP_WECHAT__TOKEN": "ownToken",
    "H5APP_WECHAT__ENCODING_AES_KEY": KEY,
}
