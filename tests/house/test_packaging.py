"""What is shipped: the wheel and the compose file."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from bench import cluster

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def run(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=120, **options)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The wheel, unpacked outside the checkout as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert built.returncode == 0, built.stderr
    wheel = next(folder.glob("batea-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def batea(installed, cwd, *arguments, stdin="", **environment):
    # -P and the path keep the checkout out of sight.
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(installed), "HOME": str(cwd), **environment}
    return run(sys.executable, "-P", "-m", "bot.cli.app", *arguments, cwd=cwd, env=env, input=stdin)


def test_the_wheel_carries_the_data_folders(installed):
    for name in ("content/modules", "content/replies", "intents/es", "audio"):
        assert (installed / "bot" / "_data" / name).is_dir()


def test_an_installed_batea_checks_its_content_outside_the_checkout(installed, tmp_path):
    checked = batea(installed, tmp_path, "content", "check", "--json")
    assert checked.returncode == 0, checked.stderr + checked.stdout
    assert '"m1"' in checked.stdout


def test_an_installed_batea_talks_outside_the_checkout(installed, tmp_path, data_dir):
    # With a model that is there already: training has tests of its own.
    talked = batea(installed, tmp_path, "chat", "--fresh", "--json", stdin="ola\n", BATEA_DATA_DIR=str(data_dir))
    assert talked.returncode == 0, talked.stderr
    assert '"state": "onboarding:' in talked.stdout


def test_the_compose_file_follows_the_compose_schema():
    checked = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_compose_file_has_the_app_postgresql_and_rasa():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert {"app", "postgres", "rasa"} <= services.keys()
    for service in services.values():
        if "build" in service:
            assert (ROOT / service["build"] / "Dockerfile").is_file()


def test_benchmarks_run_on_a_server_set_as_the_compose_file_sets_it():
    command = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["postgres"]["command"]
    assert command == ["postgres", *(word for setting in cluster.SETTINGS for word in ("-c", setting))]


def test_the_image_listens_where_it_is_asked_to_and_only_there():
    stages = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)[1:]
    assert [bool(re.search(r"^ARG LISTEN=$", stage, re.MULTILINE)) for stage in stages] == [True, True]
    assert "BATEA_ASR_MODEL=${LISTEN:+/opt/batea/listening}" in stages[1]
    (asked,) = re.findall(r'if \[ -n "\$LISTEN" \].*?fi', stages[0], re.DOTALL)
    for file in re.findall(r"requirements/[a-z]+\.txt", asked):
        assert "--hash=sha256:" in (ROOT / file).read_text()
