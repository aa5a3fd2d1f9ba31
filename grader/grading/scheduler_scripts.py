"""Scripts that have a cluster's scheduler grade a class: texts to read, change and hand over.

Slurm: an array whose jobs each grade one part, or one job that starts Ray on all of its nodes.
Kubernetes: a Job of as many indexes as there are parts, and a RayCluster for the KubeRay operator.
Every script runs the grader that wrote it; what it needs of a node is in the first lines, from the
task's own limits.
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from grader.grading.engines.needs import Need

MIB = 1 << 20

SLURM_ARRAY = """\
#!/bin/bash
# Grades {folder} in {parts} parts. Hand it over with: sbatch {script}
# Then bring the parts together: grader results merge {parts_folder}/* --results {results}
#SBATCH --job-name=grader
#SBATCH --array=1-{parts}
#SBATCH --nodes=1
#SBATCH --cpus-per-task={cores}
#SBATCH --mem={memory_mib}M{gpus}
#SBATCH --output={parts_folder}-%a.log
set -eu
cd {here}
part=$SLURM_ARRAY_TASK_ID
{grader} batch {words} --part "$part/{parts}" --results {parts_folder}/"$part"
"""

SLURM_RAY = """\
#!/bin/bash
# Grades {folder} on {nodes} nodes with Ray. Hand it over with: sbatch {script}
#SBATCH --job-name=grader
#SBATCH --nodes={nodes}
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task={cores}
#SBATCH --mem={memory_mib}M{gpus}
#SBATCH --output={parts_folder}-ray.log
set -eu
cd {here}
export RAY_USAGE_STATS_ENABLED=0
ray="{python} -m ray.scripts.scripts"
head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
port=$((20000 + SLURM_JOB_ID % 10000))
there="srun --overlap --nodes=1 --ntasks=1 --nodelist"
ip=$($there "$head" {python} -c 'import ray.util; print(ray.util.get_node_ip_address())')
$there "$head" $ray start --head --block --node-ip-address="$ip" --port="$port" \\
  --num-cpus="$SLURM_CPUS_ON_NODE" --disable-usage-stats --include-dashboard=false &
for node in $(scontrol show hostnames "$SLURM_JOB_NODELIST" | tail -n +2); do
  $there "$node" $ray start --block --address="$ip:$port" \\
    --num-cpus="$SLURM_CPUS_ON_NODE" --disable-usage-stats &
done
trap 'kill $(jobs -p); wait' EXIT
{grader} cluster wait --nodes {nodes} --address "$ip:$port"
{grader} batch {words} --engine ray --address "$ip:$port" --results {results}
"""

KUBERNETES_JOB = """\
# Untried: written from the documentation of Kubernetes. Grades a class in {parts} parts.
# IMAGE has the grader; the claim `class` holds the submissions and receives the parts. Boxes are
# plain processes here, because a pod has no container engine: for submissions that you trust.
apiVersion: batch/v1
kind: Job
metadata:
  name: grader
spec:
  completionMode: Indexed
  completions: {parts}
  parallelism: {parts}
  backoffLimitPerIndex: 3
  template:
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      containers:
        - name: grader
          image: IMAGE
          workingDir: /class
          command: ["/bin/sh", "-c"]
          args:
            - >-
              part=$((JOB_COMPLETION_INDEX + 1));
              grader batch {words} --part "$part/{parts}" --results "{parts_folder}/$part"
          resources:
            requests: {{cpu: "{cores}", memory: "{memory_mib}Mi"}}
            limits: {{cpu: "{cores}", memory: "{memory_mib}Mi"}}
          volumeMounts:
            - {{name: class, mountPath: /class}}
      volumes:
        - name: class
          persistentVolumeClaim: {{claimName: class}}
"""

KUBERAY = """\
# Untried: written from the documentation of KubeRay. A Ray cluster of {nodes} nodes for a class.
# IMAGE has the grader and the same Ray. Then, where port 10001 of the head can be reached:
# grader batch {words} --engine ray --address ray://HEAD:10001
apiVersion: ray.io/v1
kind: RayCluster
metadata:
  name: grader
spec:
  headGroupSpec:
    rayStartParams: {{num-cpus: "0", include-dashboard: "false", disable-usage-stats: "true"}}
    template:
      spec:
        automountServiceAccountToken: false
        containers:
          - name: ray-head
            image: IMAGE
            resources:
              requests: {{cpu: "1", memory: 2Gi}}
              limits: {{cpu: "1", memory: 2Gi}}
  workerGroupSpecs:
    - groupName: graders
      replicas: {nodes}
      minReplicas: {nodes}
      maxReplicas: {nodes}
      rayStartParams: {{num-cpus: "{cores}", disable-usage-stats: "true"}}
      template:
        spec:
          automountServiceAccountToken: false
          containers:
            - name: ray-worker
              image: IMAGE
              resources:
                requests: {{cpu: "{cores}", memory: "{memory_mib}Mi"}}
                limits: {{cpu: "{cores}", memory: "{memory_mib}Mi"}}
"""


@dataclass(frozen=True)
class Plan:
    """What a scheduler is to do.

    words: the further words of `grader batch`, such as --task mnist. parts: how many jobs; nodes:
    how many computers, where Ray runs on them. need: what one job asks for.
    """

    folder: Path
    words: tuple[str, ...]
    results: Path
    script: Path
    parts: int
    nodes: int
    need: Need

    def filled(self, template: str) -> str:
        """Return a template of this module with the plan in its gaps."""
        gpus = f"\n#SBATCH --gpus-per-node={self.need.gpus}" if self.need.gpus else ""
        parts_folder = f"{self.results}-parts"
        return template.format(
            folder=shlex.quote(str(self.folder)),
            words=shlex.join([str(self.folder), *self.words]),
            results=shlex.quote(str(self.results)),
            script=shlex.quote(str(self.script)),
            parts=self.parts,
            nodes=self.nodes,
            cores=self.need.cores,
            memory_mib=self.need.memory_bytes // MIB,
            gpus=gpus,
            parts_folder=shlex.quote(parts_folder),
            here=shlex.quote(str(Path.cwd())),
            python=shlex.quote(sys.executable),
            grader=f"{shlex.quote(sys.executable)} -m grader",
        )
