// Modals of the app, and the confirmation of a button.
import { byId, el, trapFocus } from './dom.js';
import { act, explain, report } from './net.js';
import { optionList, renderBlocks } from './blocks.js';
import { textObject } from './mrkdwn.js';

let shown = null; // { key, id, node, release }
const problems = new Map(); // view id → why sending it failed

const held = (view, block) => view.state.values[block.block_id]?.[block.element.action_id] ?? {};

function choose(element, state) {
  const current = state.selected_option?.value ?? '';
  return el('select', {},
    el('option', { value: '' }, element.placeholder?.text ?? 'Choose…'),
    ...optionList(element).map((option) => el('option', { value: option.value, selected: option.value === current }, option.text.text)));
}

function checks(element, state, type, name) {
  const current = new Set((state.selected_options ?? [state.selected_option]).filter(Boolean).map((one) => one.value));
  return el('div', { class: 'checks' }, ...optionList(element).map((option) =>
    el('label', {}, el('input', { type, name, value: option.value, checked: current.has(option.value) }), option.text.text)));
}

const typed = {
  number_input: 'number', email_text_input: 'email', url_text_input: 'url', datepicker: 'date', timepicker: 'time',
};

// The control and how to read it.
function control(app, view, block) {
  const { element } = block;
  const state = held(view, block);
  const simple = (node) => ({ node, read: () => (node.value === '' ? null : node.value) });
  if (element.type === 'plain_text_input' && element.multiline) {
    const node = el('textarea', { rows: '4', placeholder: element.placeholder?.text });
    node.value = state.value ?? '';
    return simple(node);
  }
  if (element.type === 'plain_text_input' || typed[element.type]) {
    const node = el('input', { type: typed[element.type] ?? 'text', placeholder: element.placeholder?.text });
    node.value = state.value ?? state.selected_date ?? state.selected_time ?? '';
    return simple(node);
  }
  if (element.type === 'users_select') {
    const people = app.state.people.filter((p) => !p.deactivated);
    const node = el('select', {}, el('option', { value: '' }, element.placeholder?.text ?? 'Choose…'),
      ...people.map((p) => el('option', { value: p.id, selected: p.id === state.selected_user }, `@${p.name}`)));
    return simple(node);
  }
  if (element.type === 'checkboxes' || element.type === 'radio_buttons') {
    const many = element.type === 'checkboxes';
    const node = checks(element, state, many ? 'checkbox' : 'radio', block.block_id);
    return { node, read: () => {
      const values = [...node.querySelectorAll('input:checked')].map((one) => one.value);
      return many ? values : (values[0] ?? null);
    } };
  }
  if (element.type === 'multi_static_select') {
    const node = checks(element, state, 'checkbox', block.block_id);
    return { node, read: () => [...node.querySelectorAll('input:checked')].map((one) => one.value) };
  }
  return simple(choose(element, state));
}

function field(app, view, block, readers) {
  const id = `input-${block.block_id}`;
  const { node, read } = control(app, view, block);
  readers.set(block.block_id, read);
  const error = view.errors[block.block_id];
  node.id = id;
  node.dataset.testid = id;
  if (error) {
    node.setAttribute('aria-invalid', 'true');
    node.setAttribute('aria-describedby', `${id}-error`);
  }
  return el('div', { class: `field ${error ? 'wrong' : ''}` },
    el('label', { for: id }, ...textObject(app.state, block.label),
      block.optional ? el('span', { class: 'optional' }, ' (optional)') : null),
    node,
    block.hint ? el('p', { class: 'hint' }, ...textObject(app.state, block.hint)) : null,
    error ? el('p', { class: 'field-error', id: `${id}-error`, role: 'alert', 'data-testid': `error-${block.block_id}` }, error) : null);
}

function build(app, view) {
  const readers = new Map();
  const problem = problems.get(view.id);
  const banner = problem ? el('p', { class: 'modal-banner', role: 'alert', 'data-testid': 'modal-banner' }, problem) : null;
  const context = {
    state: app.state,
    onAction: async (block, item, chosen) => {
      if (item.confirm && !(await confirmDialog(app.state, item.confirm))) return;
      report('The button', await act('click', { user: app.state.me, view: view.id, action_id: item.action_id, block_id: block.block_id, chosen }));
    },
  };
  const body = view.blocks.map((block) =>
    block.type === 'input' ? field(app, view, block, readers) : renderBlocks(context, [block])[0]);
  const close = () => act('close', { user: app.state.me, view: view.id });
  const submit = el('button', { class: 'primary', type: 'submit', 'data-testid': 'modal-submit' }, el('span', {}, view.submit?.text ?? 'Submit'));
  const form = el('form', {
    novalidate: true,
    onsubmit: async (event) => {
      event.preventDefault();
      const values = Object.fromEntries([...readers].map(([block, read]) => [block, read()]));
      submit.disabled = true;
      submit.classList.add('busy');
      problems.delete(view.id);
      const outcome = await act('submit', { user: app.state.me, view: view.id, values });
      submit.disabled = false;
      submit.classList.remove('busy');
      if (outcome.error && outcome.error !== 'view_errors') problems.set(view.id, explain('Sending the form', outcome.error));
      await app.refresh();
    },
  },
  el('header', {}, el('h2', { id: 'modal-title' }, ...textObject(app.state, view.title)),
    el('button', { class: 'icon', type: 'button', 'aria-label': 'Close', 'data-testid': 'modal-close', onclick: close }, '×')),
  el('div', { class: 'modal-body' }, ...(banner ? [banner] : []), ...body),
  el('footer', {},
    el('button', { type: 'button', class: 'quiet', 'data-testid': 'modal-cancel', onclick: close }, view.close?.text ?? 'Close'),
    view.submit ? submit : null));
  const box = el('div', { class: 'modal', role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': 'modal-title', 'data-testid': 'modal' }, form);
  const release = trapFocus(box, close);
  return { node: el('div', { class: 'backdrop' }, box), release };
}

export function renderModal(app) {
  const view = app.state.views[app.state.views.length - 1];
  const key = view ? JSON.stringify([view.id, view.hash, view.errors, problems.get(view.id) ?? '']) : null;
  if (shown?.key === key || (!view && !shown)) return;
  // What was typed stays when only errors come in: the state that was sent holds it.
  const same = shown && view && shown.id === view.id;
  if (shown && !same) shown.release();
  if (!view) {
    shown = null;
    byId('modal-place').replaceChildren();
    return;
  }
  shown = { key, id: view.id, ...build(app, view) };
  byId('modal-place').replaceChildren(shown.node);
  const first = shown.node.querySelector('.wrong :is(input, textarea, select)') ?? shown.node.querySelector('.field :is(input, textarea, select)');
  (first ?? shown.node.querySelector('button')).focus();
}

export function confirmDialog(state, confirm) {
  return new Promise((resolve) => {
    let release = () => {};
    const answer = (yes) => {
      node.remove();
      release();
      resolve(yes);
    };
    const box = el('div', { class: 'modal small', role: 'alertdialog', 'aria-modal': 'true', 'aria-label': confirm.title.text, 'data-testid': 'confirm' },
      el('header', {}, el('h2', {}, ...textObject(state, confirm.title))),
      el('div', { class: 'modal-body' }, ...textObject(state, confirm.text)),
      el('footer', {},
        el('button', { type: 'button', class: 'quiet', 'data-testid': 'confirm-no', onclick: () => answer(false) }, confirm.deny.text),
        el('button', { type: 'button', class: confirm.style === 'danger' ? 'danger' : 'primary', 'data-testid': 'confirm-yes', onclick: () => answer(true) }, confirm.confirm.text)));
    release = trapFocus(box, () => answer(false));
    const node = el('div', { class: 'backdrop' }, box);
    document.body.append(node);
    box.querySelector('footer button:last-child').focus();
  });
}
