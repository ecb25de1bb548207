import pytest
from flask import Blueprint, Flask

from tests.conftest import make_settings
from webapp import create_app, navigation
from webapp.access import Actor, public

AREA = Blueprint("area", __name__)


@AREA.get("/area")
@public
def index() -> str:
    return "index"


@AREA.get("/area/detail")
@public
def detail() -> str:
    return "detail"


@pytest.fixture
def nav_app(tmp_path) -> Flask:
    app = create_app(make_settings(tmp_path, demo=False), "postgresql://nowhere/none")
    app.extensions["navigation"].clear()
    app.register_blueprint(AREA)
    return app


def person(*roles: str) -> Actor:
    return Actor(1, "somebody", "某人", frozenset(roles), 1, "某文明办", "office", None, None, None, "")


def labels(app: Flask, actor: Actor | None, path: str = "/login") -> list[str]:
    with app.test_request_context(path):
        return [link.label for link in navigation.list_links(actor)]


def test_people_see_what_they_may_use_in_order(nav_app):
    navigation.add(nav_app, "管理", "accounts.password", "administration.read", 90)
    navigation.add(nav_app, "公示", "accounts.login", None, 50)
    navigation.add(nav_app, "范围", "area.index", "batches.edit", 30)
    assert labels(nav_app, None) == ["公示"]
    assert labels(nav_app, person("city_reviewer")) == ["范围", "公示"]
    assert labels(nav_app, person("administrator")) == ["公示", "管理"]


def test_an_entry_whose_page_does_not_exist_is_left_out(nav_app):
    navigation.add(nav_app, "将来", "future.index", None, 10)
    assert labels(nav_app, None) == []


def test_an_entry_is_current_on_every_page_of_its_area(nav_app):
    navigation.add(nav_app, "范围", "area.index", None, 10)
    for path, current in (("/area", True), ("/area/detail", True), ("/login", False)):
        with nav_app.test_request_context(path):
            assert [link.is_current for link in navigation.list_links(None)] == [current]


def test_the_address_says_it_where_a_page_of_one_area_lies_below_another(nav_app):
    navigation.add(nav_app, "登录", "accounts.login", None, 10)
    navigation.add(nav_app, "范围", "area.index", None, 20)
    nav_app.add_url_rule("/area/beside", view_func=nav_app.view_functions["accounts.login"], endpoint="accounts.beside")
    with nav_app.test_request_context("/area/beside"):
        assert [link.is_current for link in navigation.list_links(None)] == [False, True]


def test_a_misspelt_permission_is_refused_at_once(nav_app):
    with pytest.raises(KeyError, match=r"tasks\.wrok"):
        navigation.add(nav_app, "待办", "area.index", "tasks.wrok", 10)


def test_pages_of_an_area_without_an_entry_belong_to_another(nav_app):
    navigation.add(nav_app, "范围", "area.index", None, 10)
    navigation.place_below(nav_app, "accounts", "area.index")
    with nav_app.test_request_context("/login"):
        assert [link.is_current for link in navigation.list_links(None)] == [True]
