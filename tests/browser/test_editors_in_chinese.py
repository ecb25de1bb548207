"""The three editors of bpmn.io speak Chinese without gaps: every component, group and menu is opened and read.

What counts as a gap: a visible text, or a title, label or placeholder, of Latin words that are neither a proper name
nor an identifier of the process.
"""

from playwright.sync_api import Page, expect

from tests.browser.test_designer_pages import open_editor

_READ = r"""pane => {
  const names = /\b(bpmn\.io|BPMN|DMN|FEEL|SVG|PNG|HTML|Markdown|URI|https?|Ctrl|pdf|jpg|png)\b/g;
  const identifiers = /\b\w*[_\d]\w*\b|\{\{.*?\}\}/g;
  const found = new Set();
  function note(text) {
    const rest = text.replace(names, "").replace(identifiers, "");
    const isForeign = !/\p{Script=Han}/u.test(rest) || /[A-Za-z]+ [a-z]{2,}/.test(rest);
    if (isForeign && /[A-Za-z]{2}/.test(rest)) found.add(text.trim());
  }
  const root = document.querySelector(pane);
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    const isIdentifier = element.tagName === "OPTION" && element.value === node.textContent;
    if (isIdentifier || element.closest("style, .cm-content")) continue;
    if (node !== element) note(node.data);
    else for (const name of ["title", "aria-label", "placeholder", "alt"]) note(node.getAttribute(name) ?? "");
  }
  return [...found];
}"""
_UNFOLD = """pane => {
  for (const one of document.querySelectorAll(`${pane} .bio-properties-panel-group-header:not(.open)`)) one.click();
  for (const one of document.querySelectorAll(`${pane} .bio-properties-panel-add-entry`)) one.click();
}"""
_PAINTED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 40)))"

_KINDS = [
    *("UserTask", "ServiceTask", "ScriptTask", "BusinessRuleTask", "ReceiveTask", "CallActivity", "SubProcess"),
    *("AdHocSubProcess", "ExclusiveGateway", "ComplexGateway", "StartEvent", "DataObjectReference", "TextAnnotation"),
    *("Group", "StartEvent+Conditional", "IntermediateCatchEvent+Timer", "IntermediateCatchEvent+Message"),
    *("IntermediateCatchEvent+Link", "EndEvent+Signal", "EndEvent+Error", "EndEvent+Escalation"),
]
_SELECT_NEW = """([kind, what]) => {
  const {modeler} = globalThis.designerCanvas;
  const options = {type: `bpmn:${kind}`, ...(what && {eventDefinitionType: `bpmn:${what}EventDefinition`})};
  const pool = modeler.get("elementRegistry").filter(one => one.type === "bpmn:Participant")[0];
  const shape = modeler.get("elementFactory").createShape(options);
  modeler.get("selection").select(modeler.get("modeling").createShape(shape, {x: 900, y: 500}, pool));
}"""
_UNDO = "() => globalThis.designerCanvas.modeler.get('commandStack').undo()"
_SELECT_TASKS = """() => {
  const {modeler} = globalThis.designerCanvas;
  const tasks = modeler.get("elementRegistry").filter(one => one.type === "bpmn:UserTask");
  modeler.get("selection").select(tasks.slice(0, 3));
}"""
_CONTEXT_PAD = "action => document.querySelector(`.djs-context-pad .entry[data-action='${action}']`).click()"


class Reader:
    """Collects what is not Chinese in one pane, with what was open when it was read."""

    def __init__(self, page: Page, pane: str) -> None:
        self.page, self.pane = page, pane
        self.gaps: dict[str, str] = {}

    def read(self, where: str) -> None:
        self.page.evaluate(_PAINTED)
        self.page.evaluate(_UNFOLD, self.pane)
        self.page.evaluate(_PAINTED)
        for text in self.page.evaluate(_READ, self.pane):
            self.gaps.setdefault(text, where)


def test_the_editor_of_diagrams(page: Page) -> None:
    open_editor(page, "nomination")
    page.get_by_role("button", name="开始编辑").click()
    reader = Reader(page, "#pane-diagram")
    for kind in _KINDS:
        name, _, what = kind.partition("+")
        page.evaluate(_SELECT_NEW, [name, what])
        reader.read(kind)
        if page.locator(".djs-context-pad .entry[data-action=replace]").count():
            page.evaluate(_CONTEXT_PAD, "replace")
            reader.read(f"replacing {kind}")
            page.keyboard.press("Escape")
        page.evaluate(_UNDO)
    page.evaluate(_SELECT_TASKS)
    for action in ("set-color", "align-elements"):
        page.evaluate(_CONTEXT_PAD, action)
        reader.read(action)
        page.keyboard.press("Escape")
    for tool in ("缩略图", "查找", "键盘", "模拟"):
        page.get_by_role("toolbar", name="流程图工具").get_by_role("button", name=tool, exact=True).click()
        reader.read(tool)
        if tool == "查找":
            page.keyboard.insert_text("审核县级")
            expect(page.locator(".djs-search-result").first).to_contain_text("审核县级名单")
        page.keyboard.press("Escape")
    assert reader.gaps == {}
    page.locator("#pane-diagram .bjs-powered-by").click()
    expect(page.locator(".bjs-powered-by-lightbox .notice")).to_contain_text("表单工具，来自 bpmn.io")
    page.locator(".bjs-powered-by-lightbox .backdrop").click(position={"x": 5, "y": 5})


def test_the_editors_of_forms_and_tables(page: Page) -> None:
    open_editor(page, "nomination")
    page.get_by_role("button", name="开始编辑").click()
    page.on("dialog", lambda dialog: dialog.accept("probe_part"))
    page.get_by_role("tab", name="表单").click()
    page.get_by_role("button", name="新建表单").click()
    forms = Reader(page, "#pane-forms .parts-editor")
    entries = page.locator(".fjs-palette-field:visible")
    expect(page.locator(".fjs-empty-editor")).to_be_visible()
    forms.read("an empty form")
    for kind in entries.evaluate_all("all => all.map(one => one.dataset.fieldType)"):
        page.locator(f".fjs-palette-field[data-field-type={kind}]").press("Enter")
        page.locator(f".fjs-form-container .fjs-element[data-field-type={kind}]").last.click(position={"x": 4, "y": 4})
        forms.read(kind)
    assert forms.gaps == {}
    assert page.locator("#pane-forms .fjs-powered-by-link").is_visible()

    page.get_by_role("tab", name="决策表").click()
    page.get_by_role("button", name="新建决策表").click()
    tables = Reader(page, "#pane-tables .parts-editor")
    page.locator("#pane-tables .add-rule").first.click()
    tables.read("a rule")
    page.locator("td.input-cell").first.click(button="right")
    tables.read("the menu of a cell")
    page.locator(".decision-table-name").click()
    for part in ("th.input-cell", "th.output-cell"):
        page.locator(part).first.dblclick()
        tables.read(part)
        page.locator(".decision-table-name").click()
    page.locator(".hit-policy .dms-input-select, .hit-policy").first.click()
    tables.read("hit policies")
    for part in ("td.input-cell", "td.output-cell"):
        page.locator(part).first.click()
        tables.read(part)
    page.locator(".view-drd-button").click()
    page.locator("#pane-tables .djs-shape").first.click()
    tables.read("decisions")
    assert tables.gaps == {}
    assert page.locator("#pane-tables .bjs-powered-by").first.is_visible()
