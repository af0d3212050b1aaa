"""Which route a message names, where a view of Django stands behind several."""

from greenroom import api
from tests.conftest import WriteProject

VIEWS = """
import json

from django.http import JsonResponse
from django.views import View


class NotificationView(View):
    action = ""

    def post(self, request):
        if self.action == "update_types":
            return JsonResponse({"types": json.loads(request.POST.get("types"))})
        return JsonResponse({})
"""
URLS = """
from django.urls import path

from shop.views import NotificationView

urlpatterns = [
    path("notifications", NotificationView.as_view()),
    path("notifications/update_types", NotificationView.as_view(action="update_types")),
]
"""


def test_no_path_is_named_where_as_view_decides(write_project: WriteProject) -> None:
    root = write_project({"shop/views.py": VIEWS, "shop/urls.py": URLS})
    [finding] = [part for part in api.audit(root).findings if part.code == "SEC006"]
    assert "makes `NotificationView.post` fail" in finding.message
