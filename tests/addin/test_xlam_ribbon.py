"""The ribbon's XML against the rules of customUI14, our VBA and our commands."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree
from tradealloc_addin.build.xlam import RIBBON, own_modules
from tradealloc_addin.commands import TEMPLATES
from tradealloc_addin.ribbon.picture import PICTURE, SIGNS, draw_ribbon

from tradealloc.templates import DESCRIPTIONS

NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
SIGNATURES = {
    "onLoad": r"ByVal \w+ As IRibbonUI",
    "onAction": r"ByVal \w+ As IRibbonControl",
    "getEnabled": r"ByVal \w+ As IRibbonControl, ByRef \w+ As Variant",
    "getLabel": r"ByVal \w+ As IRibbonControl, ByRef \w+ As Variant",
}
TREE = etree.parse(RIBBON).getroot()
ELEMENTS = list(TREE.iter())
ALL_BUTTONS = [each for each in ELEMENTS if etree.QName(each).localname == "button"]
MENU_ITEMS = [button for button in ALL_BUTTONS if etree.QName(button.getparent()).localname == "menu"]
MENUS = [each for each in ELEMENTS if etree.QName(each).localname == "menu"]
BUTTONS = [each for each in ELEMENTS if each in MENUS or (each in ALL_BUTTONS and each not in MENU_ITEMS)]
"""What stands on the ribbon itself: buttons and menus."""
TAGS = {button.get("tag") for button in ALL_BUTTONS} - {None}


def test_namespace_and_ids() -> None:
    assert {etree.QName(each).namespace for each in ELEMENTS} == {NAMESPACE}
    ids = [each.get("id") for each in ELEMENTS if each.get("id")]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"ta[A-Z]\w+", each) for each in ids)


def test_the_commands_of_the_issue_are_there() -> None:
    assert [button.get("label") for button in BUTTONS] == [
        *("New workbook", "Adopt workbook", "Settings", "Optimise", "Optimise selection", "Undo last run"),
        *(
            "Re-optimise",
            "Compare",
            "Sensitivity",
            "Report",
            "Freeze to values",
            "Doctor",
            "Examples",
            "Open log",
            "About",
        ),
    ]


def test_the_menu_offers_every_template() -> None:
    assert [item.get("tag") for item in MENU_ITEMS] == [f"new_{template}" for template in TEMPLATES]
    assert set(DESCRIPTIONS) <= set(TEMPLATES)


def test_every_button_is_complete() -> None:
    for button in (*BUTTONS, *MENU_ITEMS):
        for attribute in ("label", "imageMso", "screentip", "supertip", "keytip"):
            assert button.get(attribute), (button.get("id"), attribute)
        assert button.get("onAction") or button in MENUS, button.get("id")
        assert len(button.get("supertip")) <= 1024
        assert button.get("imageMso") in SIGNS or button in MENU_ITEMS


def test_keytips_are_short_and_none_begins_another() -> None:
    for together in (BUTTONS, MENU_ITEMS):
        keytips = [button.get("keytip") for button in together]
        assert all(re.fullmatch("[A-Z0-9]{1,3}", keytip) for keytip in keytips)
        for keytip in keytips:
            assert [other for other in keytips if other.startswith(keytip)] == [keytip]


def test_one_large_button_leads_each_group() -> None:
    groups = [each for each in ELEMENTS if etree.QName(each).localname == "group"]
    assert len(groups) == 5
    for group in groups:
        buttons = [each for each in group.iter() if each in BUTTONS]
        assert [button.get("size") == "large" for button in buttons] == [True] + [False] * (len(buttons) - 1)


def test_every_callback_is_a_public_procedure_of_the_right_shape() -> None:
    sources = {module.name: module.source for module in own_modules()}
    called = {(name, each.get(name)) for each in ELEMENTS for name in SIGNATURES if each.get(name)}
    assert {name for name, _ in called} == set(SIGNATURES)
    for attribute, callback in called:
        module, _, procedure = callback.partition(".")
        assert re.search(rf"^Public Sub {procedure}\({SIGNATURES[attribute]}\)$", sources[module], re.MULTILINE), (
            callback
        )


def test_every_tag_is_a_command() -> None:
    if find_spec("tradealloc_addin.commands") is None:
        pytest.skip("the commands aren't written yet")
    from tradealloc_addin.commands import COMMANDS

    assert set(COMMANDS) == TAGS


def test_the_picture_is_of_this_ribbon(tmp_path: Path) -> None:
    fresh = draw_ribbon(tmp_path / "ribbon.svg").read_text("utf-8")
    assert fresh == PICTURE.read_text("utf-8"), "draw it again: python -m tradealloc_addin.ribbon.picture"
    texts = " ".join(etree.fromstring(fresh.encode()).itertext()).split()
    for button in BUTTONS:
        assert set(button.get("label").split()) <= set(texts)
