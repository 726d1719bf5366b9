"""gunicorn's settings: gevent workers that hold thousands of streams and end them when told to."""

from h5app.plumbing import log, worker_life
from h5app.plumbing.config import Config

_config = Config.from_environ()

bind = f"{_config.host}:{_config.port}"
worker_class = "gevent"
workers = _config.workers
worker_connections = 12_000
timeout = 30
graceful_timeout = 10
keepalive = 5
control_socket_disable = True
forwarded_allow_ips = _config.proxy_ips
logconfig_dict = log.web_server_settings(_config.log_level)
accesslog = None
preload_app = False


def post_worker_init(worker: object) -> None:
    """Let streams ask whether their worker still serves."""
    worker_life.serve(worker)
