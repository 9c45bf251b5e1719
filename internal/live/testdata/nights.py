"""What happens to an estate from one night to the next, done in moto or ministack through boto3.

usage: nights.py moto|ministack ENDPOINT STEP...

The steps: bucket NAME REGION, replicate SOURCE TARGET, stop SOURCE, drop NAME.
"""

import sys

from estate import HOME, Account, bucket, replicate


class KeyIsAccount(Account):
    """ministack knows an account by the id of the access key alone."""

    def __init__(self, endpoint, number):
        self.endpoint, self.number, self.keys = endpoint, number, {"aws_access_key_id": number, "aws_secret_access_key": "x"}


def main(kind, endpoint, *steps):
    account, steps = (Account if kind == "moto" else KeyIsAccount)(endpoint, HOME), list(steps)
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
