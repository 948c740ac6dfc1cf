"""A node starts whole or not at all, and goes on where the last one stopped."""

import socket
from pathlib import Path

import pytest

from node.app import Node
from node.errors import NodeRunning
from node.lifecycle import StudyState
from tests import running_node as house


def test_two_nodes_do_not_work_in_one_folder(tmp_path: Path) -> None:
    site = house.settings(tmp_path / "node", house.new_ports())
    other = house.settings(tmp_path / "node", house.new_ports())
    with house.running_node(site), pytest.raises(NodeRunning):
        Node(other, house.METHODS).start()


def test_a_port_that_is_taken_stops_the_start_and_leaves_nothing_behind(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    with socket.create_server(("127.0.0.1", ports.node)), pytest.raises(OSError, match="in use"):
        Node(site, house.METHODS).start()
    with house.running_node(site):
        assert house.lines(site) == {}


def test_what_was_not_done_when_a_node_stopped_is_done_by_the_next(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports, assembly={"quiet_seconds": 2, "study_quiet_seconds": 60})
    images = house.study()
    with house.archive(tmp_path / "archive", ports) as archive:
        with house.running_node(site):
            house.send(ports, images)
        assert house.lines(site)[images[0].StudyInstanceUID].state is StudyState.RECEIVING
        with house.running_node(site):
            house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)
        assert len(archive.objects()) == 2
