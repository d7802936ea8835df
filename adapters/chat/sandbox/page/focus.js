// Where the keyboard is: it survives what is drawn anew, stays inside a dialog, and comes back after it.
import { byId } from './dom.js';

// What the focused element is, so that its successor can be found once it was drawn anew.
export function markFocus(node = document.activeElement) {
  if (!node || node === document.body) return null;
  const { blockId: _, ...own } = node.dataset ?? {};
  return {
    node,
    id: node.id,
    scope: node.closest('[data-ts]')?.dataset.ts,
    block: node.closest('[data-block-id]')?.dataset.blockId,
    action: own.actionId,
    testid: own.testid,
    place: node.closest('#messages, #thread, #drawer, #sidebar, #top, #modal-place')?.id,
  };
}

function successor(mark) {
  if (mark.node.isConnected) return mark.node;
  if (mark.id) return byId(mark.id);
  const place = (mark.place && byId(mark.place)) || document;
  const scopes = [...place.querySelectorAll('[data-ts]')].filter((one) => one.dataset.ts === mark.scope);
  const within = mark.scope ? scopes[0] : place;
  if (!within) return null;
  const fits = [...within.querySelectorAll('button, input, select, textarea')].filter((one) =>
    one.dataset.actionId === mark.action && one.dataset.testid === mark.testid);
  return fits.find((one) => one.closest('[data-block-id]')?.dataset.blockId === mark.block) ?? fits[0] ?? null;
}

// Back to where the mark was taken, or to what took its place, or to the nearest that is still there.
export function refocus(mark) {
  if (!mark) return;
  const place = mark.place && byId(mark.place);
  const nearby = place?.tabIndex === 0 ? place : byId('composer-text');
  for (const node of [successor(mark), nearby, byId('messages')]) {
    if (!node || node.disabled || node.closest('[inert], [hidden]')) continue;
    node.focus();
    if (document.activeElement === node) return;
  }
}

const held = new WeakMap(); // how many dialogs lie above an element
function hold(node, by) {
  const count = (held.get(node) ?? 0) + by;
  held.set(node, count);
  node.inert = count > 0;
}

const stops = 'button, input, textarea, select, a[href], [tabindex="0"]';

// A dialog in `root`, a child of the body: the rest of the page is out of reach until the returned function is
// called, which gives the keyboard back.
export function openDialog(root, box, onEscape) {
  const mark = markFocus();
  const below = [...document.body.children].filter((one) => one !== root && one.id !== 'toasts' && one.tagName !== 'SCRIPT');
  below.forEach((one) => hold(one, 1));
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onEscape();
    }
    if (event.key !== 'Tab') return;
    const all = [...box.querySelectorAll(stops)].filter((n) => !n.disabled && n.tabIndex >= 0 && n.getClientRects().length > 0);
    if (all.length === 0) return;
    const first = all[0];
    const last = all[all.length - 1];
    if (event.shiftKey && document.activeElement === first) {
      event.preventDefault();
      last.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first.focus();
    }
  });
  return () => {
    below.forEach((one) => hold(one, -1));
    refocus(mark);
  };
}
