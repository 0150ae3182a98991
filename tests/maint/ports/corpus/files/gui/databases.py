import inspect
import sqlite3

import paho.mqtt.client as mqtt
import psycopg2

con = sqlite3.connect(":memory:")
pg = psycopg2.connect("dbname=test")
bound = inspect.signature(print).bind("tcp://*:5645", 1)
client = mqtt.Client()
client.connect("localhost", 1883, 60)
