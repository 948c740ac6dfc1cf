"""`lumbar-node run`: the node, until SIGTERM or SIGINT. Talks to: everything node/app.py wires."""

import argparse
import logging
import signal
import sys
import threading
from typing import Final

from dicom_io.scp import ports_of
from node.app import Node
from node.certificates import open_secrets, run_out
from node.clock import at_site, system_clock
from node.commands.site import settings_to_run
from node.log import start_logging, tell
from node.methods import methods_of, open_methods
from node.terminal import Terminal

LOG: Final = logging.getLogger(__name__)


def command(asked: argparse.Namespace, terminal: Terminal) -> int:
    settings = settings_to_run(asked.config)
    start_logging(sys.stderr)
    for fault in (*run_out(settings, now=at_site(system_clock())), *open_secrets(settings)):
        tell(LOG, "a certificate or key needs a person", level=logging.WARNING, setting=fault.place, why=fault.words)
    methods = open_methods(methods_of(settings.rules), settings.inference, settings.relaxometry)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with Node(settings, methods):
        receiver = settings.receiver
        terminal.say(f"{receiver.ae_title} listens on {receiver.host} {ports_of(receiver)}; research use only")
        stopped.wait()
    return 0
