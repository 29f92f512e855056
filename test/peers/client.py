"""The calls of the original's client, as its users wrote them: an upload in `myfile`, and a source by its name."""

import sys

import requests

url, picture, source = sys.argv[1:4]

with open(picture, "rb") as file:
    uploaded = requests.post(url, files={"myfile": file}, data={"save_labels": "T"}, timeout=60)
print(uploaded.json()["results"][0]["class"], uploaded.json()["results"][0]["conf"])

named = requests.get(f"{url}?source={source}&save_labels=T", timeout=60)
print([(each["class"], each["conf"]) for each in named.json()["results"]])

with open(picture, "rb") as file:
    frames = requests.post(url, files={"myfile": file}, timeout=60)
print(frames.headers["content-type"], frames.content.count(b"--frame\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff"))
