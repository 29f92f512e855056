"""Deploys the synthesised templates into moto's CloudFormation, and says what came of them.

    pip install 'moto[all]'
    pnpm --dir infra synth && python3 infra/check/deploy_to_moto.py

moto knows some kinds of resources and pretends others; it proves that references lead somewhere, not that AWS takes a value.
"""

import json
import pathlib
import re
import sys

import boto3
from moto import mock_aws

OUT = pathlib.Path(__file__).parent.parent / "cdk.out"


REGION = "us-east-1"


def without_secrets(template: dict) -> dict:
    """moto's CloudFormation makes no secrets: they are made beforehand, and their addresses stand in the template."""
    addresses = {}
    for logical, resource in list(template["Resources"].items()):
        if resource["Type"] == "AWS::SecretsManager::Secret":
            name = resource["Properties"].get("Name", logical)
            made = boto3.client("secretsmanager", REGION).create_secret(Name=name, SecretString="{}")
            addresses[logical] = made["ARN"]
            del template["Resources"][logical]

    def filled(value):
        if isinstance(value, dict):
            if value.get("Ref") in addresses:
                return addresses[value["Ref"]]
            return {key: filled(inner) for key, inner in value.items()}
        return [filled(inner) for inner in value] if isinstance(value, list) else value

    return filled(template)


@mock_aws
def main() -> None:
    failed = False
    for path in sorted(OUT.glob("*.template.json"), key=lambda p: "-base" not in p.name):
        name = path.name.removesuffix(".template.json")
        template = json.loads(path.read_text())
        # What only the CDK's own tools read.
        template.get("Parameters", {}).pop("BootstrapVersion", None)
        template.pop("Rules", None)
        template = without_secrets(template)
        # moto knows no address of an alarm, which the dashboard shows.
        template["Resources"] = {
            logical: resource
            for logical, resource in template["Resources"].items()
            if resource["Type"] != "AWS::CloudWatch::Dashboard"
        }
        cloudformation = boto3.client("cloudformation", REGION)
        cloudformation.create_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"]
        )
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        made = {r["LogicalResourceId"] for r in cloudformation.list_stack_resources(StackName=name)["StackResourceSummaries"]}
        wanted = template["Resources"]
        missing: dict[str, int] = {}
        for logical, resource in wanted.items():
            if logical not in made:
                missing[resource["Type"]] = missing.get(resource["Type"], 0) + 1
        print(f"{name}: {stack['StackStatus']}, {len(made)} of {len(wanted)} resources", missing or "")
        failed |= stack["StackStatus"] != "CREATE_COMPLETE"
    sqs = boto3.client("sqs", REGION)
    print("queues:", sorted(url.rsplit("/")[-1] for url in sqs.list_queues()["QueueUrls"]))
    services = boto3.client("ecs", REGION).list_services(cluster="rookery")["serviceArns"]
    print("services:", sorted(re.sub(".*/", "", arn) for arn in services))
    s3 = boto3.client("s3", REGION)
    pictures = next(b["Name"] for b in s3.list_buckets()["Buckets"] if "-pictures-" in b["Name"])
    print("notifications:", [c["Events"] for c in s3.get_bucket_notification_configuration(Bucket=pictures).get("QueueConfigurations", [])])
    sys.exit(1 if failed else 0)


main()
