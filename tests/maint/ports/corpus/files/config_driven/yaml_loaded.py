import yaml
import zmq

with open("config.yaml") as file:
    cfg = yaml.safe_load(file)

sock = zmq.Context().socket(zmq.PUB)
sock.bind(f"tcp://*:{cfg['publisher']['port']}")
