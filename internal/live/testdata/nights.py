"""What happens to an estate from one night to the next, done in moto through boto3.

usage: nights.py ENDPOINT STEP...

The steps: bucket NAME REGION, replicate SOURCE TARGET, stop SOURCE, drop NAME.
"""

import sys

from estate import HOME, Account, bucket, replicate


def main(endpoint, *steps):
    account, steps = Account(endpoint, HOME), list(steps)
    client = account.client("s3", "eu-west-1")
    while steps:
        step = steps.pop(0)
        if step == "bucket":
            bucket(account, steps.pop(1), steps.pop(0))
        elif step == "replicate":
            source, target = steps.pop(0), steps.pop(0)
            replicate(client, account, source, target, "to " + target)
        elif step == "stop":
            client.delete_bucket_replication(Bucket=steps.pop(0))
        elif step == "drop":
            client.delete_bucket(Bucket=steps.pop(0))
        else:
            raise SystemExit(f"no step {step}")


if __name__ == "__main__":
    main(*sys.argv[1:])
