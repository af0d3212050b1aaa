"""What resources of Terraform give to processes."""

import pytest

from greenroom.model.settings import Settings
from greenroom.project.project import read_project
from greenroom.project.settings.terraform.environments import Environment
from greenroom.project.settings.terraform.tokens import HclError
from greenroom.project.settings.terraform.tree import read_body, read_value
from tests.conftest import WriteProject

TASK = """
resource "aws_ecs_task_definition" "desk" {
  container_definitions = <<-EOF
  [
    {
      "name": "desk",
      "image": "desk:${var.tag}",
      "memory": ${var.memory},
      "environment": [
        {"name": "LEVEL", "value": "info"},
        {"name": "HOST", "value": "${aws_db_instance.desk.address}"}
      ],
      "secrets": [{"name": "PASSWORD", "valueFrom": "arn:aws:ssm:password"}]
    }
  ]
  EOF
}
"""
CHART = """
resource "helm_release" "desk" {
  chart = "./chart" // ours
  set {
    name  = "image.tag"
    value = "1"
  }
  set {
    name  = "env.LEVEL"
    value = "info"
  }
  set_sensitive {
    name  = "extraEnv[0].name"
    value = "TOKEN"
  }
  values = [yamlencode({ web = { env = [{ name = "SIZE", value = 3 }] } })]
}
"""
APP = """
/* a module
   of Azure */
locals {
  shared = { LEVEL = var.level, "MAIL" : "no\\"mail", (var.own) = "x" }
}
variable "level" { default = "info" }
variable "size" { default = "1" }
variable "zone" { default = "here" }
resource "azurerm_linux_web_app" "desk" {
  app_settings = merge(local.shared, var.large ? { LARGE = "yes" } : {}, {
    SIZE = tostring(var.size)
    ZONE = var.zone
    lower_case = "no variable"
  })
  connection { timeout = "4m" }
}
resource "kubernetes_config_map" "desk" { data = { LEVEL = "debug", colour = "red" } }
resource "vercel_project_environment_variable" "url" {
  key   = "API_URL"
  value = "https://desk"
}
resource "aws_elastic_beanstalk_environment" "desk" {
  setting {
    namespace = "aws:elasticbeanstalk:application:environment"
    name      = "JOBS"
    value     = "5"
  }
  setting {
    namespace = "aws:ec2:vpc"
    name      = "VPCID"
    value     = "x"
  }
}
resource "render_web_service" "desk" {
  env_vars = { for name, value in local.render : name => { value = value } }
  tags     = { OWNER = "me" }
}
locals { render = { RENDERED = "a-${local.one}" } }
locals { one = "b" }
"""


def _environments(write_project: WriteProject, files: dict[str, str]) -> tuple[Environment, ...]:
    root = write_project({"main.py": "print(1)\n", **files})
    return read_project(root, Settings()).configuration.terraform


def _given(environments: tuple[Environment, ...]) -> dict[str, dict[str, str | None]]:
    found: dict[str, dict[str, str | None]] = {}
    for part in environments:
        found.setdefault(part.owner, {}).update({each.name: each.value for each in part.given})
    return found


def test_a_task_that_is_written_as_json(write_project: WriteProject) -> None:
    (task,) = _environments(write_project, {"infra/task.tf": TASK})
    assert [(part.name, part.value, part.line) for part in task.given] == [
        ("LEVEL", "info", 10), ("HOST", None, 11), ("PASSWORD", None, 13),
    ]  # fmt: skip
    assert task.alone
    assert task.opened == []


def test_a_task_that_is_filled_in_from_a_file(write_project: WriteProject) -> None:
    text = 'resource "aws_ecs_task_definition" "desk" {\n  container_definitions = templatefile("${path.module}/task.json", { level = "info" })\n}\n'
    task = '[{"name": "desk", "environment": [\n{"name": "LEVEL", "value": "${level}"}, {"name": "SIZE", "value": "3"}]}]'
    found = _environments(write_project, {"infra/main.tf": text, "infra/task.json": task})
    assert _given(found) == {"aws_ecs_task_definition.desk": {"LEVEL": None, "SIZE": "3"}}
    assert found[0].given[1].path == "infra/task.json"


def test_what_a_chart_is_installed_with(write_project: WriteProject) -> None:
    found = _environments(write_project, {"chart.tf": CHART})
    assert _given(found) == {"helm_release.desk": {"LEVEL": "info", "TOKEN": None, "SIZE": "3"}}


def test_maps_lists_and_settings_of_other_clouds(write_project: WriteProject) -> None:
    files = {
        "infra/app.tf": APP, "infra/terraform.tfvars": 'size = "9"\n',
        "deploy/.env": "TF_VAR_zone=there\n",
    }  # fmt: skip
    found = _environments(write_project, files)
    assert _given(found) == {
        "azurerm_linux_web_app.desk": {
            "LEVEL": "info", "MAIL": 'no"mail', "LARGE": "yes", "SIZE": "9", "ZONE": None,
        },
        "kubernetes_config_map.desk": {"LEVEL": "debug", "colour": "red"},
        "vercel_project_environment_variable.url": {"API_URL": "https://desk"},
        "aws_elastic_beanstalk_environment.desk": {"JOBS": "5"},
        "render_web_service.desk": {"RENDERED": "a-b"},
    }  # fmt: skip
    size = next(part for each in found for part in each.given if part.name == "SIZE")
    assert (size.path, size.written) == ("infra/app.tf", ("infra/terraform.tfvars", 1))
    assert [each.owner for each in found if each.opened] == ["azurerm_linux_web_app.desk"]


def test_two_callers_of_one_module_leave_its_values_open(write_project: WriteProject) -> None:
    module = 'variable "level" {}\nresource "aws_lambda_function" "f" {\n  environment {\n    variables = { LEVEL = var.level }\n  }\n}\n'
    root = 'module "{0}" {{\n  source = "../f"\n  level  = "{0}"\n}}\n'
    found = _environments(
        write_project,
        {"infra/f/main.tf": module, "infra/a/main.tf": root.format("a"), "infra/b/main.tf": root.format("b")},
    )
    assert _given(found) == {"aws_lambda_function.f": {"LEVEL": None}}


def test_a_file_that_cannot_be_read_says_nothing(write_project: WriteProject) -> None:
    found = _environments(
        write_project, {"a.tf": 'resource "x" "y" {\n', "b.tf": "environment = [\n", "c.tf": '"'}
    )
    assert found == ()


@pytest.mark.parametrize(
    "text", ['x = "${"', "x = [1, 2", "x = { a }", "x = <<EOF\nno end\n", "x = )", "{", "x = [for]", ") = 1"]
)
def test_what_is_broken_is_said_to_be(text: str) -> None:
    with pytest.raises(HclError):
        read_body(text)


def test_nesting_has_an_end() -> None:
    with pytest.raises(HclError):
        read_value("[" * 5_000 + "]" * 5_000, 1)
