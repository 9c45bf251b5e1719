"""Puts the recording of three-zones together: what moto answered, and over it what is written by hand.

usage: build.py RECORDED-AWS-FOLDER FIXTURE-AWS-FOLDER
"""

import sys

import backups
import compute
import databases
import events
import findings
import models
import network
import observability
import recording
import runner
import storage
import witnesses


def main(recorded, target):
    r = recording.Recording()
    r.load(recorded)
    runner.write(r)
    runner.organization(r)
    for part in (storage, databases, compute, backups, observability, network, findings, models, witnesses, events):
        part.write(r)
    r.prune()
    r.write(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
