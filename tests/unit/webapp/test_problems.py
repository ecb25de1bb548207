"""What a refusal says in one sentence when several things are wrong."""

from webapp.problems import InputError, Invalid


def test_several_messages_read_as_one_sentence() -> None:
    errors = [InputError(path, "required", f"请填写{word}。") for path, word in (("name", "姓名"), ("text", "内容"))]
    assert Invalid(errors).detail == "请填写姓名；请填写内容。"
    assert Invalid(errors[:1]).detail == "请填写姓名。"
