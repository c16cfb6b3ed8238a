"""Small changes to XML trees that lxml has no one call for."""

from __future__ import annotations

from lxml import etree


def remove(element: etree._Element) -> None:
    """Take an element out of its tree, but leave the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
        element.tail = None
    parent.remove(element)


def drop_attribute(element: etree._Element, name: str) -> None:
    """Remove an attribute if it is there."""
    if name in element.attrib:
        del element.attrib[name]


def set_or_drop(element: etree._Element, name: str, value: str | None) -> None:
    """Give an attribute the value, or remove it for None."""
    if value is None:
        drop_attribute(element, name)
    else:
        element.set(name, value)
