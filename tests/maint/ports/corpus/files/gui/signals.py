import zmq
from django.db.models.signals import post_save
from PyQt5.QtCore import QObject, pyqtSignal


class Window(QObject):
    received = pyqtSignal(bytes)

    def __init__(self, root):
        super().__init__()
        self.received.connect(self.on_received)
        root.bind("<Return>", self.submit)
        root.button.clicked.connect(lambda: None)
        post_save.connect(self.saved, sender=Window)
        self.sub = zmq.Context().socket(zmq.SUB)
        self.sub.connect("tcp://127.0.0.1:5640")

    def on_received(self, data):
        """Was tcp://*:5641 once; socket.bind("tcp://*:5642") is gone."""
        # self.sub.bind("tcp://*:5643")
        print("tcp://*:5644")
