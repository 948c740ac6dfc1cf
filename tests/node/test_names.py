"""A patient's name reaches the objects byte for byte, and nothing else."""

import logging
from io import StringIO
from pathlib import Path

from pydicom import dcmread

from node.app import open_ledger
from node.health import as_document, health
from node.lifecycle import StudyState
from node.log import LineFormatter
from node.status_page import page
from tests import running_node as house

NAME = "Kim^Cheolsu=金^哲洙=김^철수"
SECRETS = ("Kim", "Cheolsu", "金", "철수", "T0001", "A0001", "19700101")


def test_a_korean_name_stays_in_the_objects_and_is_nowhere_else(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study(name=NAME)
    said = StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(LineFormatter())
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        with house.archive(tmp_path / "archive", ports) as archive, house.running_node(site):
            house.send(ports, images)
            house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)
            names = {str(dcmread(one.path).PatientName) for one in archive.objects()}
            ledger = open_ledger(site)
            seen = health(ledger, site)
            ledger.close()
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
    assert names == {NAME}
    database = (site.site.storage / "ledger.sqlite3").read_bytes().decode("utf-8", "ignore")
    for place in (said.getvalue(), page(seen), str(as_document(seen)), database):
        assert place
        assert not [secret for secret in SECRETS if secret in place]
