"""A template that would fill the memory or run for long is refused with its line, at saving and at sending."""

import pytest

from webapp.mail.content import Action, Content, Person
from webapp.mail.rendering import Source, TemplateFaultError, render
from webapp.mail.template_limits import MOST_TURNS

SOMEBODY = Person(1, "张三", "某县文明办", "z@example.org")
CONTENT = Content("标题", "说明", facts=tuple((f"第{n}项", "值") for n in range(30)), actions=(Action("打开", "/"),))


def filled(text: str, content: Content = CONTENT) -> str:
    return render(Source("主题", text, ""), content, SOMEBODY, site_name="平台", base_url="https://wm.example.cn").text


def fault(text: str) -> str:
    with pytest.raises(TemplateFaultError) as caught:
        filled(text)
    return str(caught.value)


@pytest.mark.parametrize(
    "expression",
    [
        "{{ 'x' * 10**9 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ 'x' * 1000000000 }}",
        "{{ [0] * 1000000000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:1000000000d}'.format(1) }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ 'x'|center(1000000000) }}",
        "{{ 'x'|indent(1000000000) }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ mail.title|replace('', 'x') }}",
        "{{ [1]|batch(1000000000, 0)|list }}",
        "{% for n in range(1000000000) %}{% endfor %}",
        "{{ lipsum(1000000) }}",
        "{{ mail.facts|join('" + "x" * 101 + "') }}",
        "{% set a = 'xx' %}{% set a = a ~ a %}",
        "{% set a = [1, 1] %}",
        "{% set a %}xx{% endset %}",
        "{% for a in ['x' ~ 'x'] %}{% endfor %}",
        "{% with a = 'x' %}{{ a }}{% endwith %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for a in mail.facts recursive %}{{ loop(mail.facts) }}{% endfor %}",
        "{% autoescape false %}x{% endautoescape %}",
        "{{ mail.title|safe }}",
        "{{ mail.title.__class__ }}",
    ],
)
def test_what_grows_without_bound_is_refused_with_its_line(expression: str) -> None:
    assert "第 3 行" in fault(f"一\n二\n{expression}\n四")


def test_turns_of_loops_are_counted_together() -> None:
    loop = "{% for a in mail.facts %}"
    two_deep, three_deep = loop * 2 + "{% endfor %}" * 2, loop * 3 + "{% endfor %}" * 3

    assert filled(two_deep).strip() == ""
    assert f"循环合计超过 {MOST_TURNS} 次" in fault(f"一\n{three_deep}")
    assert "第 2 行" in fault(f"一\n{three_deep}")
    assert f"循环合计超过 {MOST_TURNS} 次" in fault(two_deep * 3)
    assert "最多套 5 层" in fault(loop * 6 + "{% endfor %}" * 6)


def test_chains_of_joins_stay_short() -> None:
    assert "超过 20000" in fault("{{ mail.title" + "|join('0123456789')" * 40 + " }}")


@pytest.mark.parametrize(
    "text", ["{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "{% if 1 %}" * 300 + "{% endif %}" * 300, "{{ 1 }}" * 4000]
)
def test_deep_and_large_ones_are_refused_in_words(text: str) -> None:
    assert "简化" in (found := fault(text)) or "太复杂" in found


def test_what_templates_need_works() -> None:
    assert filled("{{ mail.title ~ '！' }}{{ mail.facts|length + 1 }}").strip() == "标题！31"
    assert filled("{% set first = mail.actions[0] %}{{ first.label|upper }} {{ link(first.path) }}").strip() == (
        "打开 https://wm.example.cn/"
    )
    numbered = "{{ loop.index }}.{{ label }}{{ '' if loop.last else '、' }}"
    loop = "{% for label, value in mail.facts[:2] %}" + numbered + "{% endfor %}"
    assert filled(loop).strip() == "1.第0项、2.第1项"
    assert (
        filled("{{ person.email or '无'|default('无') }} {{ mail.lead|truncate(5) }}").strip() == "z@example.org 说明"
    )
    assert filled("{% for a in mail.facts if a[0] == '第3项' %}{{ a[1] }}{% else %}没有{% endfor %}").strip() == "值"
