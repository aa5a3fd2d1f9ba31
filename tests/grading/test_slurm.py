"""What `grader cluster slurm` writes, run by a real Slurm: the same results as on this computer."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from support.commands import grader
from support.slurm import missing_programs, run_scripts

from grader.course.curriculum import course_folder
from grader.grading.engines.needs import Need
from grader.grading.scheduler_scripts import (
    KUBERAY,
    KUBERNETES_JOB,
    SLURM_ARRAY,
    SLURM_RAY,
    Plan,
)
from grader.results.store import load_results

RIGHT = (course_folder("reference") / "neuron" / "numpy" / "solution.py").read_text()
WRONG = "def weighted_sum(*arguments):\n    return 0.0\n\n\nneuron = layer = weighted_sum\n"
TRUSTED = ("--sandbox", "process", "--trust-submissions")
GIB = 1 << 30
VERSION = "1.31"  # of Kubernetes: whoever has an older one has no backoffLimitPerIndex


def plan(tmp_path: Path, name: str = "script") -> Plan:
    words = ("--task", "neuron", *TRUSTED)
    folder = tmp_path / "it's a class"
    return Plan(folder, words, tmp_path / "results", tmp_path / name, 3, 2, Need(2, GIB, 0))


@pytest.mark.parametrize("template", [SLURM_ARRAY, SLURM_RAY], ids=["array", "ray"])
def test_a_script_is_bash_and_asks_for_what_a_job_needs(tmp_path: Path, template: str) -> None:
    text = plan(tmp_path).filled(template)
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "#SBATCH --cpus-per-task=2\n#SBATCH --mem=1024M\n" in text
    assert "gpus" not in text
    for_gpu = Plan(tmp_path, (), tmp_path, tmp_path, 1, 1, Need(2, GIB, 1))
    assert "#SBATCH --gpus-per-node=1\n" in for_gpu.filled(template)


@pytest.mark.parametrize("template", [KUBERNETES_JOB, KUBERAY], ids=["job", "kuberay"])
def test_a_manifest_is_yaml_and_says_that_it_is_untried(tmp_path: Path, template: str) -> None:
    import yaml

    text = plan(tmp_path).filled(template)
    assert text.startswith("# Untried")
    found = yaml.safe_load(text)
    spec = found["spec"]
    if found["kind"] == "Job":
        assert (spec["completionMode"], spec["completions"]) == ("Indexed", 3)
    else:
        assert found["apiVersion"] == "ray.io/v1"
        assert spec["workerGroupSpecs"][0]["replicas"] == 2


@pytest.mark.parametrize("template", [KUBERNETES_JOB, KUBERAY], ids=["job", "kuberay"])
def test_a_manifest_fits_kubernetes_own_schema(tmp_path: Path, template: str) -> None:
    """KubeRay's schema is not to be had as a package; what is a pod in its manifest is checked."""
    import yaml
    from kubernetes_validate import ValidationError, validate

    found = yaml.safe_load(plan(tmp_path).filled(template))
    if found["kind"] == "RayCluster":
        groups = [found["spec"]["headGroupSpec"], *found["spec"]["workerGroupSpecs"]]
        pods = [group["template"] for group in groups]
        manifests = [{"apiVersion": "v1", "kind": "Pod", "metadata": {}} | pod for pod in pods]
    else:
        manifests = [found]
    for manifest in manifests:
        validate(manifest, VERSION, strict=True)
        manifest["spec"]["containrs"] = []
        with pytest.raises(ValidationError):
            validate(manifest, VERSION, strict=True)


def told(root: Path) -> dict[str, Any]:
    """Return what is stored, by author, but for times, and for the examples of failures, which are
    drawn afresh in every run.
    """
    results, broken = load_results(root)
    assert broken == []
    by_author = {}
    for result in results:
        said = result.model_dump(mode="json")
        for name in ("id", "created_at", "elapsed_seconds", "machine", "measurements", "notes"):
            said.pop(name)
        said["verdict"].pop("reason")
        for group in said["cases"]:
            group.pop("message")
        said["passed"] = result.measurements["cases"].value
        by_author[result.submission.author] = said
    assert len(by_author) == len(results)
    return by_author


@pytest.mark.nightly
@pytest.mark.engine
@pytest.mark.slurm
def test_what_slurm_grades_is_what_this_computer_grades(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    for number in range(7):
        source = WRONG if number == 3 else RIGHT
        (folder / f"student{number}.py").write_text(f"{source}\n# {number}\n")
    words = ("--task", "neuron", *TRUSTED)
    local = grader("batch", folder, *words, "--results", "local", cwd=tmp_path)
    assert local.returncode == 0, local.stderr
    shape = ("--parts", "3", "--nodes", "1", "--results", "spread")
    written = grader("cluster", "slurm", folder, *words, *shape, cwd=tmp_path)
    assert written.returncode == 0, written.stderr
    with tempfile.TemporaryDirectory(prefix="slurm-", ignore_cleanup_errors=True) as root:
        scripts = [tmp_path / "grade-array.sh", tmp_path / "grade-ray.sh"]
        done = run_scripts(Path(root), scripts)
        logs = "\n".join(path.read_text() for path in sorted(tmp_path.glob("*.log")))
    assert done.returncode == 0, done.stdout + done.stderr + logs
    parts = sorted((tmp_path / "spread-parts").iterdir())
    assert len(parts) == 3
    merged = grader("results", "merge", *parts, "--results", "merged", cwd=tmp_path)
    assert merged.returncode == 0, merged.stderr
    assert "7 results copied" in merged.stdout
    assert told(tmp_path / "merged") == told(tmp_path / "local")
    assert told(tmp_path / "spread") == told(tmp_path / "local")


@pytest.fixture(autouse=True)
def needs_slurm(request: pytest.FixtureRequest) -> None:
    """Skip where Slurm is not installed; at night in CI that is a failure."""
    lacking = missing_programs()
    if request.node.get_closest_marker("slurm") and lacking:
        pytest.skip(f"not installed: {', '.join(lacking)}")
