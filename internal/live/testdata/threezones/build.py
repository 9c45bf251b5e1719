"""Puts the recording of three-zones together: what moto answered, and over it what is written by hand.

usage: build.py RECORDED-AWS-FOLDER FIXTURE-AWS-FOLDER
"""

import sys

import recording

PARTS = ["runner", "storage", "databases", "compute", "backups", "observability", "network", "findings", "models"]


def main(recorded, target):
    r = recording.Recording()
    r.load(recorded)
    for name in PARTS:
        try:
            part = __import__(name)
        except ModuleNotFoundError as e:
            if e.name != name: raise
            continue
        part.write(r)
        if name == "runner":
            part.organization(r)
    r.prune()
    r.write(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
