"""What the official client of Weights & Biases does in wandb-artifacts.mjs: `read` checks what we wrote, `write` logs a model for us to read."""

import hashlib
import json
import os
import sys
import tempfile

import wandb

what, project, *rest = sys.argv[1:]
entity = os.environ["WANDB_ENTITY"]


def read(name, version):
    artifact = wandb.Api().artifact(f"{entity}/{project}/{name}:{version}", type="model")
    with tempfile.TemporaryDirectory() as folder:
        artifact.download(folder)
        # `verify` compares every file with the digests of the artifact's manifest.
        artifact.verify(folder)
        digests = {}
        for path in artifact.manifest.entries:
            with open(os.path.join(folder, path), "rb") as file:
                digests[path] = "sha256:" + hashlib.sha256(file.read()).hexdigest()
    run = artifact.logged_by()
    return {
        "digest": artifact.digest,
        "computed": artifact.manifest.digest(),
        "type": artifact.type,
        "aliases": sorted(artifact.aliases),
        "version": artifact.metadata["rookery"]["version"],
        "files": digests,
        "run": {"name": run.name, "jobType": run.job_type, "state": run.state, "accuracy": run.summary.get("accuracy")},
        "collections": sorted(each.name for each in wandb.Api().artifact_type("model", f"{entity}/{project}").collections()),
        "linked": wandb.Api().artifact(f"{entity}/model-registry/{name}:candidate", type="model").digest,
    }


def write(name, folder):
    with wandb.init(project=project, entity=entity, job_type="train", settings=wandb.Settings(console="off", silent=True)) as run:
        artifact = wandb.Artifact(name, type="model", metadata={"accuracy": 0.5})
        artifact.add_dir(folder)
        run.log_artifact(artifact).wait()
        return {"version": artifact.version, "digest": artifact.digest}


def use(name, alias):
    with wandb.init(project=project, entity=entity, job_type="use", settings=wandb.Settings(console="off", silent=True)) as run:
        artifact = run.use_artifact(f"{entity}/{project}/{name}:{alias}", type="model")
        # Moved by other hands.
        artifact.aliases.append("production")
        artifact.save()
        return {"digest": artifact.digest}


print(json.dumps({"read": read, "write": write, "use": use}[what](*rest)))
