"""compose.yaml: what faces the network has no way to the engine; each command is one of ours."""

from __future__ import annotations

from typing import Any

import click
import pytest
import typer
import yaml
from support.paths import ROOT

from grader.cli import app

SECRET = "GRADER_SIGN_IN_SECRET"
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
KNOWN = {
    *("build", "image", "user", "working_dir", "restart", "init", "read_only", "cap_drop"),
    *("security_opt", "tmpfs", "command", "environment", "ports", "volumes", "network_mode"),
    *("depends_on", "privileged", "healthcheck"),
}


def sources(service: str) -> set[str]:
    return {volume.partition(":")[0] for volume in SERVICES[service]["volumes"]}


def test_only_grading_has_the_socket_and_it_has_no_network() -> None:
    assert set(SERVICES) == {"pages", "grading", "engine"}
    assert sources("pages") == {"./class"}
    # What runs submissions has no use for the secret of signing in.
    holders = [name for name in SERVICES if SECRET in SERVICES[name].get("environment", {})]
    assert holders == ["pages"]
    assert "DOCKER_HOST" not in SERVICES["pages"]["environment"]
    assert "engine-socket" in sources("grading")
    assert SERVICES["grading"]["network_mode"] == "none"
    hosts = [word for word in SERVICES["engine"]["command"] if word.startswith("--host")]
    assert hosts == ["--host=unix:///run/engine/docker.sock"]
    for name in ("grading", "engine"):
        assert "ports" not in SERVICES[name]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["pages"]["ports"])


@pytest.mark.parametrize("name", ["pages", "grading"])
def test_a_container_of_ours_may_do_nothing_that_it_needs_not(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service["user"].startswith("0")
    assert "privileged" not in service


@pytest.mark.parametrize("name", ["pages", "grading"])
def test_a_command_is_one_that_grader_serve_takes(name: str) -> None:
    words = SERVICES[name]["command"]
    assert words[0] == "serve"
    group = typer.main.get_command(app)
    assert isinstance(group, click.Group | typer.core.TyperGroup)
    command = group.get_command(click.Context(group), "serve")
    assert command is not None
    parsed = command.make_context("serve", list(words[1:]))
    assert parsed.params["only"] == name
    assert str(parsed.params["course"]) == "class"


def test_nothing_is_misspelt_or_undeclared() -> None:
    volumes = set(COMPOSE["volumes"])
    for name, service in SERVICES.items():
        assert set(service) <= KNOWN, name
        named = {source for source in sources(name) if not source.startswith(".")}
        assert named <= volumes
        assert set(service.get("depends_on", {})) <= set(SERVICES)
    extras = SERVICES["pages"]["build"]["args"]["EXTRAS"]
    assert f"\n{extras} = [" in (ROOT / "pyproject.toml").read_text()
    assert "ARG EXTRAS=" in (ROOT / "Dockerfile").read_text()
