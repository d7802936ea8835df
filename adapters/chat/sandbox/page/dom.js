// Elements are built from data; text is always text, never markup.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'class') node.className = value;
    else if (name in node && typeof value === 'boolean') node[name] = value;
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function byId(id) {
  return document.getElementById(id);
}

// Draws a list so that what did not change stays the very same node: a press or a selection under way is not
// lost because somebody else said something. Items are { key, looks, make }.
export function keyed(place, items) {
  const old = place.keyed ?? new Map();
  const fresh = new Map();
  for (const { key, looks, make } of items) {
    const kept = old.get(key);
    fresh.set(key, kept && kept.looks === looks ? kept : { looks, node: make() });
  }
  place.keyed = fresh;
  const nodes = [...fresh.values()].map((one) => one.node);
  nodes.forEach((node, index) => {
    if (place.childNodes[index] !== node) place.insertBefore(node, place.childNodes[index] ?? null);
  });
  while (place.childNodes.length > nodes.length) place.lastChild.remove();
}

// Draws only when what is shown would differ.
export function whenChanged(place, looks, draw) {
  if (place.looks === looks) return;
  place.looks = looks;
  draw();
}

let toastTimer;
export function toast(text) {
  const place = byId('toasts');
  place.replaceChildren(el('p', { class: 'toast' }, text));
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => place.replaceChildren(), 6000);
}
