// Modals of the app, and the confirmation of a button.
import { byId, el, keyed } from './dom.js';
import { markFocus, openDialog, refocus } from './focus.js';
import { act, explain } from './net.js';
import { renderBlocks } from './blocks.js';
import { textObject } from './mrkdwn.js';

let shown = null; // the topmost modal as it is drawn
const problems = new Map(); // view id → why the last thing done with it failed

const valuesOf = (readers) => Object.fromEntries([...readers].map(([block, read]) => [block, read()]));

// What the field holds: what is in it on the page, as long as its options have it, else what the workspace knows.
function heldIn(view, local) {
  return (block_id, action_id) => {
    const held = view.state.values[block_id]?.[action_id] ?? {};
    const here = local[block_id];
    if (typeof here !== 'string') return held;
    if ('value' in held) return { ...held, value: here };
    const element = view.blocks.find((block) => block.block_id === block_id)?.element;
    const options = element?.options ?? (element?.option_groups ?? []).flatMap((group) => group.options);
    const option = options.find((one) => one.value === here);
    return option ? { ...held, selected_option: option } : held;
  };
}

function contextOf(app, modal, view, local) {
  return {
    state: app.state,
    place: 'modal',
    readers: modal.readers,
    errors: view.errors,
    dispatches: (block) => block.type !== 'input' || block.dispatch_action === true,
    held: heldIn(view, local),
    suggest: (block, item, text) => act('suggest', { user: app.state.me, view: view.id, block_id: block.block_id, action_id: item.action_id, text }),
    onAction: async (block, item, chosen) => {
      if (item.confirm && !(await confirmDialog(app.state, item.confirm))) return;
      problems.delete(view.id);
      const outcome = await act('click', {
        user: app.state.me, view: view.id, action_id: item.action_id, block_id: block.block_id, chosen, values: valuesOf(modal.readers),
      });
      if (outcome.error) problems.set(view.id, explain('That choice', outcome.error));
      await app.refresh();
    },
  };
}

async function send(app, modal) {
  const { view, submit } = modal;
  if (submit.getAttribute('aria-busy') === 'true') return;
  const busy = (on) => {
    submit.setAttribute('aria-busy', String(on));
    submit.classList.toggle('busy', on);
  };
  busy(true);
  problems.delete(view.id);
  const outcome = await act('submit', { user: app.state.me, view: view.id, values: valuesOf(modal.readers) });
  busy(false);
  modal.sent = true;
  if (outcome.error && outcome.error !== 'view_errors') problems.set(view.id, explain('Sending the form', outcome.error));
  await app.refresh();
}

function make(app, id) {
  const close = () => act('close', { user: app.state.me, view: id });
  const modal = { id, view: null, readers: new Map(), sent: false };
  modal.title = el('h2', { id: 'modal-title' });
  modal.body = el('div', { class: 'modal-body' });
  modal.submit = el('button', { class: 'primary', type: 'submit', 'data-testid': 'modal-submit' });
  modal.cancel = el('button', { type: 'button', class: 'quiet', 'data-testid': 'modal-cancel', onclick: close });
  const form = el('form', {
    novalidate: true,
    onsubmit: (event) => {
      event.preventDefault();
      if (modal.view.submit) send(app, modal);
    },
    onkeydown: (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    },
  },
  el('header', {}, modal.title,
    el('button', { class: 'icon', type: 'button', 'aria-label': 'Close', 'data-testid': 'modal-close', onclick: close }, '×')),
  modal.body,
  el('footer', {}, modal.cancel, modal.submit));
  modal.box = el('div', { class: 'modal', role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': 'modal-title', tabindex: '-1', 'data-testid': 'modal' }, form);
  modal.node = el('div', { class: 'backdrop' }, modal.box);
  byId('modal-place').replaceChildren(modal.node);
  modal.release = openDialog(byId('modal-place'), modal.box, close);
  return modal;
}

// Blocks that did not change stay as they are, with what was typed and with the keyboard in them.
function draw(app, modal, view) {
  const local = valuesOf(modal.readers);
  const mark = modal.box.contains(document.activeElement) ? markFocus() : null;
  const context = contextOf(app, modal, view, local);
  modal.view = view;
  modal.title.replaceChildren(...textObject(app.state, view.title));
  modal.submit.hidden = !view.submit;
  modal.submit.replaceChildren(el('span', {}, view.submit?.text ?? 'Submit'));
  modal.cancel.textContent = view.close?.text ?? 'Close';
  const problem = problems.get(view.id);
  const banner = problem
    ? [{ key: ' banner', looks: problem, make: () => el('p', { class: 'modal-banner', role: 'alert', 'data-testid': 'modal-banner' }, problem) }]
    : [];
  const there = new Set(view.blocks.map((block) => block.block_id));
  [...modal.readers.keys()].filter((block) => !there.has(block)).forEach((block) => modal.readers.delete(block));
  keyed(modal.body, [...banner, ...view.blocks.map((block) => ({
    key: block.block_id,
    looks: JSON.stringify([block, view.errors[block.block_id] ?? '']),
    make: () => renderBlocks(context, [block])[0],
  }))]);
  const wrong = modal.sent && modal.body.querySelector('.wrong :is(input, textarea, select)');
  modal.sent = false;
  if (wrong) wrong.focus();
  else if (mark && !modal.box.contains(document.activeElement)) refocus(mark);
}

function firstStop(modal, view) {
  const wished = view.blocks.find((block) => block.element?.focus_on_load)?.block_id;
  if (wished && byId(`modal-${wished}`)) return byId(`modal-${wished}`);
  // On a touch screen a field would bring up the keyboard before anything was read.
  if (window.matchMedia('(pointer: coarse)').matches) return modal.box;
  return modal.body.querySelector('.field :is(input, textarea, select), button')
    ?? (view.submit ? modal.submit : modal.cancel);
}

export function renderModal(app) {
  const view = app.state.views[app.state.views.length - 1];
  if (!view && !shown) return;
  const key = view ? JSON.stringify([view.id, view.hash, view.errors, problems.get(view.id) ?? '']) : null;
  if (shown && shown.key === key && !shown.sent) return;
  const same = shown && view && shown.id === view.id;
  if (shown && !same) {
    const old = shown;
    shown = null;
    byId('modal-place').replaceChildren();
    old.release();
  }
  if (!view) return;
  shown ??= make(app, view.id);
  draw(app, shown, view);
  shown.key = key;
  if (!same) firstStop(shown, view).focus();
}

export function confirmDialog(state, confirm) {
  return new Promise((resolve) => {
    let release = () => {};
    const answer = (yes) => {
      node.remove();
      release();
      resolve(yes);
    };
    const box = el('div', { class: 'modal small', role: 'alertdialog', 'aria-modal': 'true', 'aria-label': confirm.title.text, 'aria-describedby': 'confirm-text', 'data-testid': 'confirm' },
      el('header', {}, el('h2', {}, ...textObject(state, confirm.title))),
      el('div', { class: 'modal-body', id: 'confirm-text' }, ...textObject(state, confirm.text)),
      el('footer', {},
        el('button', { type: 'button', class: 'quiet', 'data-testid': 'confirm-no', onclick: () => answer(false) }, confirm.deny.text),
        el('button', { type: 'button', class: confirm.style === 'danger' ? 'danger' : 'primary', 'data-testid': 'confirm-yes', onclick: () => answer(true) }, confirm.confirm.text)));
    const node = el('div', { class: 'backdrop' }, box);
    document.body.append(node);
    release = openDialog(node, box, () => answer(false));
    box.querySelector('footer button:last-child').focus();
  });
}
