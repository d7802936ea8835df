// A text field with a list of what fits, by the ARIA combobox pattern: arrows move, Enter chooses, Escape closes.
import { el } from './dom.js';

const k_pause = 150; // ms between the last key and the question

// `settings` = { id, testid, actionId, label, placeholder, describedBy, invalid, chosen: {value, label} | null, minimum,
//   load(text) → Promise<{ error } | { groups: [{ label, options: [{ value, label, note }] }] }>, onChoose(value) }
// Returns { node, input, read() }.
export function combobox(settings) {
  const listId = `${settings.id}-options`;
  const input = el('input', {
    type: 'text', role: 'combobox', id: settings.id, 'data-testid': settings.testid, 'data-action-id': settings.actionId,
    autocomplete: 'off', spellcheck: 'false', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': listId,
    'aria-haspopup': 'listbox', 'aria-label': settings.label, 'aria-describedby': settings.describedBy,
    'aria-invalid': settings.invalid ? 'true' : undefined, placeholder: settings.placeholder,
  });
  const status = el('p', { class: 'combo-status', role: 'status' });
  const list = el('ul', { role: 'listbox', id: listId, 'aria-label': settings.label ?? settings.placeholder ?? 'Options' });
  const popup = el('div', { class: 'combo-popup', 'data-testid': `${settings.testid}-popup`, hidden: true }, list, status);
  popup.addEventListener('mousedown', (event) => event.preventDefault()); // the field keeps the keyboard
  const node = el('div', { class: 'combo' }, input, el('span', { class: 'combo-arrow', 'aria-hidden': 'true' }), popup);
  let chosen = settings.chosen ?? null;
  let open = false;
  let typed = false; // since it was opened
  let asked = 0;
  let waiting = false; // for what was typed
  let takeFirst = false; // Enter was pressed while waiting
  let timer;
  let offered = []; // { option, node }
  let active = -1;
  input.value = chosen?.label ?? '';

  const place = () => {
    const box = input.getBoundingClientRect();
    const height = window.visualViewport?.height ?? window.innerHeight;
    const below = height - box.bottom - 14;
    const above = box.top - 14;
    const up = below < 190 && above > below;
    popup.style.left = `${box.left}px`;
    popup.style.width = `${box.width}px`;
    popup.style.top = up ? 'auto' : `${box.bottom + 4}px`;
    popup.style.bottom = up ? `${window.innerHeight - box.top + 4}px` : 'auto';
    popup.style.maxHeight = `${Math.max(110, Math.min(320, up ? above : below))}px`;
  };

  const point = (index) => {
    offered[active]?.node.setAttribute('aria-selected', 'false');
    active = index;
    const now = offered[active]?.node;
    if (now) {
      now.setAttribute('aria-selected', 'true');
      now.scrollIntoView({ block: 'nearest' });
      input.setAttribute('aria-activedescendant', now.id);
    } else {
      input.removeAttribute('aria-activedescendant');
    }
  };

  const optionNode = (option) => {
    const item = el('li', {
      role: 'option', id: `${listId}-${offered.length}`, 'aria-selected': 'false', 'data-value': option.value,
      class: option.value === chosen?.value ? 'held' : undefined,
      onclick: () => choose(option),
    }, el('span', { class: 'option-label' }, option.label), option.note ? el('span', { class: 'note' }, option.note) : null);
    offered.push({ option, node: item });
    return item;
  };

  const show = (groups, text) => {
    offered = [];
    active = -1;
    list.replaceChildren(...groups.flatMap((group, index) => {
      const items = group.options.map(optionNode);
      if (!group.label) return items;
      const id = `${listId}-group-${index}`;
      return [el('li', { role: 'presentation' }, el('ul', { role: 'group', 'aria-labelledby': id },
        el('li', { role: 'presentation', class: 'group-label', id }, group.label), ...items))];
    }));
    list.hidden = offered.length === 0;
    status.textContent = text;
    status.classList.toggle('spoken-only', offered.length > 0);
    list.scrollTop = 0;
    input.removeAttribute('aria-activedescendant');
    place();
  };

  const ask = async () => {
    const text = typed ? input.value : '';
    const number = ++asked;
    if (text.length < settings.minimum) {
      waiting = false;
      show([], `Type at least ${settings.minimum} ${settings.minimum === 1 ? 'character' : 'characters'}.`);
      return;
    }
    const answer = await settings.load(text).catch(() => ({ error: 'dispatch_failed' }));
    if (number !== asked || !open) return;
    waiting = false;
    if (answer.error) {
      show([], 'The options could not be loaded. Type to try again.');
      return;
    }
    const count = answer.groups.reduce((sum, group) => sum + group.options.length, 0);
    show(answer.groups, count === 0 ? 'Nothing found.' : `${count} ${count === 1 ? 'result' : 'results'}`);
    const again = offered.findIndex(({ option }) => option.value === chosen?.value);
    if (typed && text !== '' && count > 0) point(0);
    else if (again >= 0) point(again);
    if (takeFirst && count > 0) choose(offered[0].option);
    takeFirst = false;
  };

  const follow = () => (node.isConnected ? place() : close());
  const unfold = () => {
    if (open) return;
    open = true;
    popup.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    document.addEventListener('scroll', follow, true);
    window.addEventListener('resize', follow);
    show([], 'Searching…');
    if (!typed) ask();
  };
  const close = () => {
    open = false;
    typed = false;
    waiting = false;
    takeFirst = false;
    asked += 1;
    clearTimeout(timer);
    popup.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
    document.removeEventListener('scroll', follow, true);
    window.removeEventListener('resize', follow);
  };
  const choose = (option) => {
    chosen = option;
    input.value = option.label;
    close();
    settings.onChoose(option.value);
  };
  const settle = () => {
    if (input.value === '') chosen = null;
    input.value = chosen?.label ?? '';
    close();
  };
  const move = (by) => {
    if (offered.length === 0) return;
    const from = active < 0 && by < 0 ? 0 : active;
    point((from + by + offered.length) % offered.length);
  };

  input.addEventListener('click', () => {
    if (!open) input.select();
    unfold();
  });
  input.addEventListener('input', () => {
    typed = true;
    waiting = true;
    takeFirst = false;
    unfold();
    point(-1);
    clearTimeout(timer);
    timer = setTimeout(ask, k_pause);
  });
  input.addEventListener('blur', settle);
  input.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) {
      event.preventDefault();
      if (!open) unfold();
      else if (event.altKey) close();
      else if (Math.abs(step) === 1) move(step);
      else if (offered.length > 0) point(Math.max(0, Math.min(offered.length - 1, active + step)));
    } else if (event.key === 'Enter' && (open || input.value !== (chosen?.label ?? ''))) {
      event.preventDefault();
      if (offered[active]) choose(offered[active].option);
      else if (open) takeFirst = waiting;
      else unfold();
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      event.stopPropagation();
      input.value = chosen?.label ?? '';
      close();
    } else if (event.key === 'Tab' && open && typed && offered[active]) {
      choose(offered[active].option);
    }
  });
  return { node, input, read: () => (input.value === '' ? null : (chosen?.value ?? null)) };
}
