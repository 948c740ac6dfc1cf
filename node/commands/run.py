"""`lumbar-node run`: the node, until SIGTERM or SIGINT. Talks to: everything node/app.py wires."""

import argparse
import signal
import sys
import threading

from node.app import Node
from node.commands.site import checked_settings
from node.log import start_logging
from node.methods import methods_of, open_methods
from node.terminal import Terminal


def command(asked: argparse.Namespace, terminal: Terminal) -> int:
    settings = checked_settings(asked.config)
    start_logging(sys.stderr)
    methods = open_methods(methods_of(settings.rules), settings.inference, settings.relaxometry)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with Node(settings, methods):
        receiver = settings.receiver
        terminal.say(f"{receiver.ae_title} listens on {receiver.host}:{receiver.port}; research use only")
        stopped.wait()
    return 0
