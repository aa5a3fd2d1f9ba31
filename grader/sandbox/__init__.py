"""Boxes: where a submission runs, and everything that crosses the wall around it.

Theory of operation. Three parties, and who owns what:

    grader (trusted)              wall             box (untrusted)
    -----------------             ----             ---------------------------------
    exams ask a `Box`              |
      Box, failures.py             |
      Wire (wire.py) ---- socket --+-- socket ---- runner (grader/runner), then the submission
      OutputLog       <--- pipe ---+-------------- stdout and stderr
      counters.Group  <- kernel ---+-------------- memory, processor time, processes
      gpu.GpuMonitor  <- driver ---+-------------- GPU memory
                                   |  (freeze, thaw, pin and kill go in through the kernel)

- The **exam** opens a box from a `Sandbox` and closes it, after which nothing of it is left.
- The **box** owns its processes or container, its control group, its private folder, its end of the
  wire, its log and its threads. Everything that could outlive a kill carries the grader's
  ownership mark (host/ownership.py) and is removed at the next start.
- The **runner** is the only code of ours behind the wall. It loads the submission, answers requests
  and is believed in nothing: from the first line of the submission on it may be the submission.
- The **kernel** and the **driver** are the only witnesses of what a box used. Nothing a box says
  about itself is scored.

What enters the room: a folder with a submission, `Limits`, a device, and arrays and texts to ask.
What leaves it: arrays and texts of the form that was asked for, nanoseconds of the host's clock,
counts of the kernel, a cleaned log, and `SubmissionFailed` with words for the learner. Our own
trouble leaves as `SandboxError`. Labels, seeds of our draws and scores never enter.

    box.py              what may be asked of a box, and the way of making boxes (Sandbox)
    choose.py           which sandbox a run gets, by name
    limits.py           what one box may use
    process.py          tier `process`: a plain process
    runner_process.py   how that process starts, early where that helps
    leftovers.py        what ended graders left of such processes
    docker/             tiers `container` and `gvisor`
    wire.py             the host's end of the wire: lockstep, nonce, one deadline
    transport.py        how the wire gets into a container: private socket or relayed streams
    failures.py         why there was no answer, in words
    counters.py         what the kernel counted, cgroup v1 and v2
    gpu.py              one whole GPU: choosing it, claiming it, its memory
    output_log.py       what a submission prints, capped and cleaned
    training_trace.py   what the runner recorded about a training
"""
