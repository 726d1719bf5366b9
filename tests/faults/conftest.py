"""A seeded house for every fault, and the simulator that all of them share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.faults.browser import Browser
from tests.faults.demo import seed_demo
from tests.faults.running import Keeper, running_house
from tests.faults.world import World, copied
from tests.simulator.served import RunningSimulator

MakeWorld = Callable[..., World]
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Address:
    """Where the platform believes the app to be."""

    url: str


@pytest.fixture(scope="session")
def app_port() -> int:
    """The port that all houses of this run name as theirs; in-process ones do not listen."""
    return free_port()


@pytest.fixture(scope="session")
def platform(app_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    """The simulator, over real HTTP."""
    running = RunningSimulator(
        tmp_path_factory.mktemp("platform"),
        Address(f"http://127.0.0.1:{app_port}"),  # type: ignore[arg-type] # only its url is read
    )
    yield running
    running.stop()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A seeded state folder, to be copied."""
    home = tmp_path_factory.mktemp("seeded")
    seed_demo(home)
    return home


@pytest.fixture
def make_world(seeded: Path, app_port: int, platform: RunningSimulator) -> Iterator[MakeWorld]:
    """Makes a house on a folder of one's own choosing."""
    made: list[World] = []

    def make(home: Path, **settings: str) -> World:
        world = World(copied(seeded, home), app_port, platform, **settings)
        made.append(world)
        world.begin()
        return world

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(make_world: MakeWorld, tmp_path: Path) -> World:
    """A house that may be broken."""
    return make_world(tmp_path / "home")


@pytest.fixture(scope="session")
def calm_world(
    seeded: Path,
    app_port: int,
    platform: RunningSimulator,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """A house shared by tests that break nothing."""
    world = World(copied(seeded, tmp_path_factory.mktemp("calm")), app_port, platform)
    world.begin()
    yield world
    world.close()


@pytest.fixture(scope="session")
def kept(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keeper]:
    """The whole product in its processes, watched over as `./manage run` does."""
    yield from running_house(
        seeded, tmp_path_factory.mktemp("kept") / "home", H5APP_LOG_LEVEL="DEBUG"
    )


@pytest.fixture
def stranger(calm_world: World) -> Browser:
    """An ordinary browser that nobody knows."""
    return Browser(calm_world)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the folder on one worker of a parallel run: its houses are made once."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("faults"))
