"""What Weights & Biases' own client finds of the runs of a group, as JSON.

usage: read-wandb-run.py PROJECT GROUP
"""

import json
import os
import sys
import tempfile

import wandb

project, group = sys.argv[1:3]
path = f"{os.environ['WANDB_ENTITY']}/{project}"


def plain(value):
    """Values of the client's own types as what they hold."""
    return {key: plain(each) for key, each in value.items()} if hasattr(value, "items") else value


def table_of(run, folder):
    [artifact] = [each for each in run.logged_artifacts() if each.type == "run_table"][-1:]
    table = artifact.get("samples.table.json")
    artifact.verify(artifact.download(os.path.join(folder, "artifact")))
    pictures = [row[table.columns.index("picture")] for row in table.data]
    return {
        "artifact": artifact.name,
        "columns": table.columns,
        "rows": [[type(cell).__name__ if isinstance(cell, wandb.Image) else cell for cell in row] for row in table.data],
        "pictures": [[each.image.format, *each.image.size] for each in pictures if each is not None],
    }


def file_of(run, name, folder):
    with run.file(name).download(root=folder, replace=True) as file:
        return json.load(file)


def read(run, folder):
    history = [plain(row) for row in run.scan_history()]
    reference = plain(run.summary["samples"])
    return {
        "name": run.name,
        "state": run.state,
        "group": run.group,
        "jobType": run.job_type,
        "notes": run.notes,
        "tags": sorted(run.tags),
        "config": run.config,
        "summary": {key: plain(run.summary[key]) for key in run.summary.keys()},
        "history": history,
        "sampled": [plain(row) for row in run.history(samples=1000, pandas=False)],
        "files": [each.name for each in run.files()],
        "tableFile": file_of(run, reference["path"], folder),
        "table": table_of(run, folder),
    }


with tempfile.TemporaryDirectory() as folder:
    api = wandb.Api()
    runs = api.runs(path, filters={"group": group}, order="+created_at")
    found = [read(api.run(f"{path}/{run.id}"), os.path.join(folder, run.id)) for run in runs]
print(json.dumps(found))
