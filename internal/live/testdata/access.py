"""Makes users of one account whose policy lists the given actions: one with all, and for each action one without it.

usage: access.py ENDPOINT ACCOUNT < JSON list of actions; prints {"": [key, secret], ACTION: [key, secret], …}
"""

import json
import sys

import estate


def main(endpoint, number):
    actions = json.load(sys.stdin)
    iam = estate.Account(endpoint, number).client("iam", estate.US)
    users = {}
    for n, without in enumerate([""] + actions):
        name = f"audit-{n}"
        iam.create_user(UserName=name)
        allowed = [a for a in actions if a != without]
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": allowed, "Resource": "*"}]}
        arn = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))["Policy"]["Arn"]
        iam.attach_user_policy(UserName=name, PolicyArn=arn)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        users[without] = [key["AccessKeyId"], key["SecretAccessKey"]]
    json.dump(users, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
