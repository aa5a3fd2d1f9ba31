# The grader itself in a container, for trying it out: `docker build -t dl-grader .`, then
# `docker run --rm -v "$PWD:/work" dl-grader run my-solution`. Submissions then run as plain processes in it: this container is
# a wall around the grader and the submission together, not between the two. For other people's
# code install the grader on the host and let it make a box for each submission.
FROM python:3.11-slim-bookworm
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /opt/dl-grader
COPY . .
# Name an index of CPU wheels here: they are several GB smaller (README.md, Install).
ARG TORCH_INDEX=
# Packages that only some need, by the names in pyproject.toml: compose.yaml asks for "serve".
ARG EXTRAS=
RUN pip install -c constraints.txt ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch \
 && pip install -c constraints.txt ".${EXTRAS:+[$EXTRAS]}" \
 && useradd --create-home learner
USER learner
WORKDIR /work
ENTRYPOINT ["grader"]
