"""gunicorn's one name; the only module that builds the application at import."""

from h5app.app import create_app
from h5app.plumbing import log
from h5app.plumbing.config import Config

assert __debug__, "the product does not run with -O: its assertions guard the books"

config = Config.from_environ()
log.configure(config.log_level)
app = create_app(config)
