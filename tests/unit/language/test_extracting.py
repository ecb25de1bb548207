"""What of a program people read: its Chinese literals, but for its documentation."""

from webapp.language.extracting import texts_of

SOURCE = '''"""模块。"""

NAME = "名称"
"""说明。"""
QUERY = """
    SELECT '结果'
"""


def say(count):
    """函数。"""
    return f"共 {count} 项" + f"{count:03d} 条" + ("甲" "乙") + "plain"
'''


def test_literals_are_texts_and_values_have_places() -> None:
    assert sorted(text for _line, text in texts_of(SOURCE)) == ["{0} 条", "共 {0} 项", "名称", "甲乙"]
