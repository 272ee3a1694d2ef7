/** Elements without markup in strings: what comes from the mesh is only ever text. */

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element with attributes, listeners (`onclick`) and children. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same in SVG. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else set(element, name, value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== false));
  return element;
}

/** Sets an attribute where it is another; false and undefined remove it. */
export function set(element, name, value) {
  if (value === false || value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value))
    element.setAttribute(name, value === true ? "" : value);
}

/** Sets the text where it is another: what does not change is not painted again. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export const byId = (id) => document.getElementById(id);

/**
 * Makes the children of an element those of the items, in their order. Elements stay with their item, so that what is
 * focused or chosen stays so.
 *
 * @param kept a Map that lives as long as the element
 */
export function list(parent, kept, items, key, create, update) {
  const wanted = new Set(items.map(key));
  for (const [id, element] of kept) {
    if (wanted.has(id)) continue;
    element.remove();
    kept.delete(id);
  }
  let before = null;
  for (const item of [...items].reverse()) {
    let element = kept.get(key(item));
    if (!element) {
      element = create(item);
      kept.set(key(item), element);
    }
    update(element, item);
    if (element.nextSibling !== before || element.parentNode !== parent) parent.insertBefore(element, before);
    before = element;
  }
}
