"""What compose files, Dockerfiles, manifests and environment files say."""

import pytest
import yaml

from greenroom.model.settings import Settings
from greenroom.project.project import read_project
from greenroom.project.settings.configuration import Configuration
from greenroom.project.settings.env_files import read_lines
from greenroom.project.settings.interpolation import references, resolved
from greenroom.project.settings.layers import Layers
from greenroom.project.settings.tree import read_trees
from tests.conftest import WriteProject

COMPOSE = """\
x-shared: &shared
  LEVEL: info
  NAME: desk

services:
  base:
    build: {context: api, dockerfile: Dockerfile.prod, target: run}
    networks: [back]
  app:
    extends: {service: base}
    env_file: [common.env, {path: local.env}]
    environment:
      <<: *shared
      NAME: app
      TOKEN:
      URL: ${DB_URL:-postgresql://db/desk}
      KEY: ${KEY:?set it}
    ports: ["8080:80", {target: 90, published: 9090}]
    depends_on:
      db: {condition: service_healthy}
    networks:
      front: {aliases: [api]}
  db:
    image: postgres:16
    container_name: store
    environment:
      - POSTGRES_USER=desk
      - POSTGRES_PASSWORD
    depends_on: [cache]
    healthcheck:
      test: ["CMD", "pg_isready"]
  cache:
    image: redis:7
"""


@pytest.fixture
def configuration(write_project: WriteProject) -> Configuration:
    root = write_project(
        {
            "api/main.py": "print(1)\n",
            "api/Dockerfile.prod": "FROM python AS base\nENV LEVEL=debug \\\n    SIZE=3\nFROM base AS run\nENV OLD style value\n"
            'HEALTHCHECK CMD ["true"]\nENTRYPOINT ["./start.sh"]\nCMD ["serve"]\nFROM other AS last\n',
            "common.env": "export NAME=common\nSIZE=5 # five\nQUOTED='a # b'\n",
            "compose.yaml": COMPOSE,
        }
    )
    return read_project(root, Settings()).configuration


def test_a_service_with_what_it_extends(configuration: Configuration) -> None:
    app = configuration.compose["compose.yaml"].services["app"]

    assert (app.build, app.dockerfile, app.target) == ("api", "api/Dockerfile.prod", "run")
    assert app.on == {"back", "front"}
    assert {name: line.value for name, line in app.environment.items()}["NAME"] == "app"
    assert app.passed == frozenset()
    assert list(app.published()) == [("8080", "80"), ("9090", "90")]
    assert [(part.name, part.condition) for part in app.depends_on] == [("db", "service_healthy")]


def test_a_service_in_short_forms(configuration: Configuration) -> None:
    compose = configuration.compose["compose.yaml"]
    db = compose.services["db"]

    assert db.passed == {"POSTGRES_PASSWORD"}
    assert [(part.name, part.condition) for part in db.depends_on] == [("cache", "service_started")]
    assert compose.answering("store") is db
    assert compose.answering("api") is compose.services["app"]
    assert db.on == {"default"}


def test_the_layers_of_a_service(configuration: Configuration) -> None:
    layers = Layers(configuration.compose["compose.yaml"].services["app"], configuration)

    assert [layer.value for layer in layers.of("NAME")] == ["common", "app"]
    assert [(layer.value, layer.source) for layer in layers.of("LEVEL")] == [
        ("debug", "image"),
        ("info", "environment"),
    ]
    assert [layer.value for layer in layers.of("SIZE")] == ["3", "5"]
    assert layers.last("URL").value == "postgresql://db/desk"  # type: ignore[union-attr]
    assert layers.last("KEY").value is None  # type: ignore[union-attr]
    assert layers.unknown_files == ["local.env"]


def test_the_stages_of_an_image(configuration: Configuration) -> None:
    image = configuration.images["api/Dockerfile.prod"]

    assert [stage.name for stage in image.built("run")] == ["run", "base"]
    assert image.built()[0].name == "last"
    run = image.built("run")[0]
    assert (run.env["OLD"].value, run.entrypoint[1], run.command[0]) == ("style value", 7, '["serve"]')


def test_manifests(write_project: WriteProject) -> None:
    root = write_project(
        {
            "main.py": "print(1)\n",
            "k8s/app.yaml": "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n          image: desk\n"
            "          env:\n            - {name: HOST, value: db}\n          envFrom:\n            - secretRef: {name: keys}\n"
            "          readinessProbe:\n            httpGet: {path: /ready, port: 80}\n---\nkind: Secret\nmetadata: {name: keys}\n"
            "stringData: {TOKEN: abc}\n",
        }
    )

    manifests = read_project(root, Settings()).configuration.manifests["k8s/app.yaml"]

    (container,) = manifests.containers
    assert (container.env["HOST"].value, container.env["HOST"].line) == ("db", 9)
    assert container.from_maps == ("keys",)
    assert container.probes["readinessProbe"][0] == "/ready"
    assert manifests.maps["keys"]["TOKEN"].value == ""


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("a$${B}", {}, "a${B}"),
        ("${A}-${B:-${C:-c}}", {"A": "a"}, "a-c"),
        ("${A:?no}", {}, None),
        ("$A/x", {"A": "a"}, "a/x"),
    ],
)
def test_interpolation(text: str, known: dict[str, str], expected: str | None) -> None:
    assert resolved(text, known) == expected


def test_what_a_value_asks_for() -> None:
    assert [(part.name, part.required, part.default) for part in references("${A:-${B}}/${C:?no}")] == [
        ("A", False, "${B}"),
        ("B", False, None),
        ("C", True, None),
    ]


def test_values_of_several_lines() -> None:
    lines = read_lines('A="one\nB=two\nthree"\nC=3\n')

    assert [(line.name, line.line) for line in lines] == [("A", 1), ("C", 4)]


@pytest.mark.parametrize(
    "broken", ["services: [", "services:\n  app: 3\n", "\x00", "- a\n- b\n", "services:\n  ? [1]\n  : 2\n"]
)
def test_broken_files_are_left_alone(broken: str, write_project: WriteProject) -> None:
    root = write_project(
        {"main.py": "print(1)\n", "compose.yaml": broken, "Dockerfile": "\\", ".env": broken}
    )

    compose = read_project(root, Settings()).configuration.compose.get("compose.yaml")

    assert compose is None or not compose.services


COMMANDS = [
    ('CMD ["uvicorn", "desk.main:app"]', "desk/main.py"),
    ("CMD uvicorn desk.main:app --port 80", "desk/main.py"),
    ("CMD python -m desk.worker", "desk/worker.py"),
    ("CMD python desk/worker.py", "desk/worker.py"),
    ('CMD ["desk-worker"]', "desk/worker.py"),
    ('ENTRYPOINT ["/srv/start.sh"]', "desk/main.py"),
    ("CMD celery -A desk.worker worker", "desk/worker.py"),
    ("CMD nginx", None),
]


@pytest.mark.parametrize(("command", "path"), COMMANDS)
def test_the_module_that_a_command_runs(command: str, path: str | None, write_project: WriteProject) -> None:
    root = write_project(
        {
            "desk/__init__.py": "",
            "desk/main.py": "app = 1\n",
            "desk/worker.py": "def main():\n    print(1)\n",
            "start.sh": "#!/bin/sh\nset -e\nexec uvicorn desk.main:app --host 0.0.0.0\n",
            "pyproject.toml": '[project]\nname = "desk"\n[project.scripts]\ndesk-worker = "desk.worker:main"\n',
            "Dockerfile": f"FROM python\n{command}\n",
        }
    )
    project = read_project(root, Settings())

    (process,) = project.processes

    assert (process.module.path if process.module is not None else None) == path
    assert process.line == 2


def test_scripts_that_all_call_one_another_are_told_once(write_project: WriteProject) -> None:
    """`start.sh` names `check.sh` at each of its forty steps, and each of these the others."""
    names = [f"step_{number}.sh" for number in range(8)]
    calls = "".join(f"bash {name}\n" for name in names) * 40
    root = write_project(
        {
            "Dockerfile": 'FROM python:3.13\nCMD ["bash", "start.sh"]\n',
            "start.sh": calls,
            **dict.fromkeys(names, f"{calls}uvicorn shop:app\n"),
            "shop.py": "app = None\n",
        }
    )
    (process,) = read_project(root, Settings()).processes

    assert process.scripts == ("start.sh", *names)
    assert process.module is not None


CHART = """\
{{- /* one remark
   of two lines */}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "desk.name" . }}
spec:
  template:
    spec:
      {{- with .Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          env:
            - name: REDIS_URL
              value: {{ .Values.redis.url | quote }}
            - name: LEVEL
              value: {{ .Values.level | default "info" }}
            - name: TOKEN
              value: {{ if .Values.token }}{{ .Values.token }}{{ else }}none{{ end }}
            - name: {{ .Values.named }}
              value: "http://{{ .Values.host }}:80"
"""


def test_the_template_of_a_chart(write_project: WriteProject) -> None:
    root = write_project(
        {
            "main.py": "print()\n",
            "charts/desk/Chart.yaml": "name: desk\n",
            "charts/desk/values.yaml": "image: {repository: desk, tag: '2'}\nredis:\n  url: redis://redis:6379/0\nnamed: HOME_URL\nhost: web\n",
            "charts/desk/templates/deployment.yaml": CHART,
        }
    )

    (container,) = (
        read_project(root, Settings())
        .configuration.manifests["charts/desk/templates/deployment.yaml"]
        .containers
    )

    assert container.image == "desk:2"
    assert {name: line.value for name, line in container.env.items()} == {
        "REDIS_URL": "redis://redis:6379/0", "LEVEL": "info", "TOKEN": "", "HOME_URL": "http://web:80",
    }  # fmt: skip
    assert container.env["REDIS_URL"].line == 18


@pytest.mark.parametrize("text", ["a: {{ value }} b", "a: [", "a: \0"])
def test_what_is_no_yaml_has_no_documents(text: str) -> None:
    assert read_trees(text) == []


def test_yaml_that_is_nested_too_deeply_has_none_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)

    assert read_trees("a: " + "[" * 2_000 + "]" * 2_000) == []


def test_units_of_systemd(write_project: WriteProject) -> None:
    unit = (
        "[Service]\n"
        'Environment="PORT=80" HOST=0.0.0.0\n'
        "# Environment=OLD=1\n"
        "Environment=NAME='our desk' broken\n"
        'Environment="open\n'
        "ExecStart=/srv/bin/uvicorn \\\n  --port ${PORT} \\\n  desk:app\n"
        "Environment=LAST=1\n"
    )
    root = write_project({"desk.py": "import fastapi\n", "deploy/desk.service": unit})

    project = read_project(root, Settings())

    assert [
        (part.name, part.value, part.line, part.source) for part in project.configuration.declarations
    ] == [
        ("PORT", "80", 2, "systemd"),
        ("HOST", "0.0.0.0", 2, "systemd"),  # noqa: S104  - as people write it
        ("NAME", "our desk", 4, "systemd"),
        ("LAST", "1", 9, "systemd"),
    ]
    [process] = project.processes
    assert (process.words, process.line) == (("/srv/bin/uvicorn", "--port", "${PORT}", "desk:app"), 6)
