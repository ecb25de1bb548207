"""The frame of a page where the database fails."""

from tests.conftest import make_settings
from webapp import create_app


def test_a_page_of_refusal_comes_even_if_the_demo_clock_cannot_be_read(tmp_path):
    app = create_app(make_settings(tmp_path, demo=True), "postgresql://127.0.0.1:1/none?connect_timeout=1")
    answer = app.test_client().get("/no-such-page")
    assert answer.status_code == 404
    assert "演示系统" in answer.text
