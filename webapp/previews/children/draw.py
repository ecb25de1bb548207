"""Runs alone: draws pictures and pages of PDF files anew, so that no byte of the file itself reaches a browser.

``draw.py pages FILE`` writes JSON about the pages of a PDF (number, sizes, text of the first ones); ``draw.py page
FILE N`` one page as PNG; ``draw.py picture FILE`` a picture as PNG or JPEG, no larger than a screen.
"""

import json
import sys
import warnings
from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps

WIDTH, HEIGHT = 1240, 3200
MOST_PIXELS = 60_000_000
MOST_PAGES = 1000
WITH_TEXT = 60
MOST_TEXT = 6000
REFUSED = 3


class RefusedError(Exception):
    """The file cannot be shown; the message (Chinese) says why."""


def _document(path: str) -> Any:
    import pypdfium2  # noqa: PLC0415 (pictures do not need it)

    try:
        document = pypdfium2.PdfDocument(path)
        if len(document) == 0:
            raise RefusedError("这个 PDF 没有任何页面。")
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise RefusedError("这个 PDF 设有打开密码，无法预览。请联系提交人去掉密码后重新上传。") from error
        raise RefusedError("这个 PDF 已损坏或没有传完整，无法打开。请联系提交人重新导出后上传。") from error
    return document


def pages(path: str) -> bytes:
    """How many pages there are, how large they are, and what the first ones say."""
    document = _document(path)
    number = len(document)
    sizes = [document.get_page_size(place) for place in range(min(number, MOST_PAGES))]
    texts = []
    for place in range(min(number, WITH_TEXT)):
        page = document[place].get_textpage()
        texts.append(page.get_text_range(0, min(page.count_chars(), MOST_TEXT)) if page.count_chars() else "")
    drawn = [_drawn_size(width, height)[:2] for width, height in sizes]
    return json.dumps({"number": number, "sizes": drawn, "texts": texts}).encode()


def _drawn_size(width: float, height: float) -> tuple[int, int, float]:
    scale = min(WIDTH / max(width, 1), HEIGHT / max(height, 1))
    return max(1, round(width * scale)), max(1, round(height * scale)), scale


def page(path: str, place: str) -> bytes:
    """One page as PNG."""
    document = _document(path)
    if not 0 <= int(place) < len(document):
        raise RefusedError("没有这一页。")
    sheet = document[int(place)]
    scale = _drawn_size(*sheet.get_size())[2]
    return _as_bytes(sheet.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB"), "PNG")


def picture(path: str) -> bytes:
    """A picture drawn anew: upright, without what a camera noted, of a moving one the first frame."""
    try:
        with Image.open(path, formats=("PNG", "JPEG", "GIF")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise RefusedError("图片的尺寸过大，无法预览，可以下载后打开。")
            opened.draft("RGB", (WIDTH * 2, HEIGHT))
            image = ImageOps.exif_transpose(opened)
            image.thumbnail((WIDTH * 2, HEIGHT))
            has_holes = image.mode in {"RGBA", "LA", "P", "PA"}
            return _as_bytes(image.convert("RGBA" if has_holes else "RGB"), "PNG" if has_holes else "JPEG")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise RefusedError("图片已损坏或没有传完整，无法显示。请联系提交人重新上传。") from error


def _as_bytes(image: Image.Image, kind: str) -> bytes:
    target = BytesIO()
    image.save(target, kind)
    return target.getvalue()


def main(what: str, *arguments: str) -> None:
    """Write what was asked for, or end as refused."""
    warnings.simplefilter("ignore")
    try:
        acts: dict[str, Callable[..., bytes]] = {"pages": pages, "page": page, "picture": picture}
        answer = acts[what](*arguments)
    except RefusedError as error:
        sys.stdout.write(str(error))
        sys.exit(REFUSED)
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
