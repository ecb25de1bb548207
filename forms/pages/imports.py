"""The upload of a file to import."""

from wtforms import FileField, RadioField
from wtforms.validators import InputRequired

from forms.pages.base import PageForm


class UploadForm(PageForm):
    kind = RadioField("导入的内容", [InputRequired("请选择导入的内容。")])
    file = FileField("文件", description="CSV 或 XLSX，第一行是列名；先检查，确认后才导入。")

    def offer(self, kinds: list[tuple[str, str]]) -> None:
        """Offer what may be imported."""
        self.kind.choices = kinds
