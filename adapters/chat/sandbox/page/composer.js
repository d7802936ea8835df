// Where people type: messages, and slash commands and mentions with completion.
import { byId, el } from './dom.js';
import { act, explain, report } from './net.js';

// What completes the text up to the caret: { insert: the text instead, label, hint }, or the shortcut
function commandSuggestions(state, text) {
  const { command } = state;
  if (!text.startsWith('/')) return [];
  const known = state.command_words.length > 0 ? state.command_words : [{ word: '', hint: '' }];
  const [head, ...rest] = text.split(' ');
  if (rest.length === 0) {
    if (!command.startsWith(head)) return [];
    const shortcut = head === '/' ? [{ label: `⚡ ${state.shortcut}`, hint: 'shortcut', shortcut: true }] : [];
    return [...known.map((one) => ({ insert: `${command} ${one.word}`.trimEnd(), hint: one.hint })), ...shortcut];
  }
  if (head !== command || rest.length > 1) return [];
  return known
    .filter((one) => one.word.startsWith(rest[0]) && one.word !== rest[0])
    .map((one) => ({ insert: `${command} ${one.word}`, hint: one.hint }));
}

function mentionSuggestions(state, text) {
  const found = /(?:^|\s)@([a-z0-9._-]*)$/i.exec(text);
  if (!found) return [];
  const wanted = found[1].toLowerCase();
  const names = [
    { name: state.bot.name, hint: 'app' },
    ...state.people.filter((one) => !one.deactivated).map((one) => ({ name: one.name, hint: one.real_name })),
    ...state.groups.map((one) => ({ name: one.handle, hint: 'group' })),
  ];
  const before = text.slice(0, text.length - wanted.length);
  return names.filter((one) => one.name.startsWith(wanted) && one.name !== wanted).slice(0, 8)
    .map((one) => ({ insert: `${before}${one.name}`, label: `@${one.name}`, hint: one.hint }));
}

export function makeComposer(app, { thread = () => null, id = 'composer-text', testid = 'composer' } = {}) {
  const inThread = id === 'thread-text';
  const list = el('ul', {
    class: 'completion', role: 'listbox', id: `${id}-list`, 'aria-label': 'Completions', hidden: true, 'data-testid': `${testid}-completion`,
  });
  const problem = el('p', { class: 'composer-problem', role: 'alert', 'data-testid': `${testid}-problem`, hidden: true });
  const box = el('textarea', {
    id,
    rows: '1',
    'data-testid': testid,
    'aria-label': inThread ? 'Reply in the thread' : 'Message',
    'aria-describedby': inThread ? 'thread-note' : undefined,
    'aria-controls': `${id}-list`,
    'aria-autocomplete': 'list',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const send = el('button', { type: 'button', class: 'send', 'data-testid': `${testid}-send`, 'aria-label': 'Send' }, '➤');
  const shortcut = inThread ? null : el('button', {
    type: 'button', class: 'icon shortcut', 'data-testid': `${testid}-shortcut`, 'aria-keyshortcuts': 'Control+/', onclick: () => app.useShortcut(),
  }, '⚡');
  let offered = [];
  let chosen = 0;

  const hide = () => {
    list.hidden = true;
    box.removeAttribute('aria-activedescendant');
  };
  const complain = (text) => {
    problem.hidden = text === '';
    problem.textContent = text;
  };
  const draw = () => {
    const { state } = app;
    const text = box.value;
    offered = inThread ? [] : commandSuggestions(state, text);
    if (offered.length === 0 && box.selectionStart === text.length) offered = mentionSuggestions(state, text);
    chosen = Math.min(chosen, Math.max(0, offered.length - 1));
    list.replaceChildren(...offered.map((one, index) =>
      el('li', {
        role: 'option',
        id: `${id}-option-${index}`,
        'aria-selected': index === chosen ? 'true' : 'false',
        onmousedown: (event) => {
          event.preventDefault();
          take(index);
        },
      }, el('strong', {}, one.label ?? one.insert), el('span', {}, one.hint))));
    hide();
    if (offered.length > 0) {
      list.hidden = false;
      box.setAttribute('aria-activedescendant', `${id}-option-${chosen}`);
      list.children[chosen].scrollIntoView({ block: 'nearest' });
    }
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
  };
  const take = (index) => {
    if (offered[index].shortcut) {
      box.value = '';
      draw();
      app.useShortcut();
      return;
    }
    box.value = `${offered[index].insert} `;
    draw();
    box.focus();
  };

  const submit = async () => {
    const text = box.value;
    if (text.trim() === '') return;
    const { state, view } = app;
    const where = { user: state.me, channel: view.channel };
    const thread_ts = thread() ?? '';
    complain('');
    const command = text.startsWith(state.command) && /^$|\s/.test(text.slice(state.command.length, state.command.length + 1));
    if (command && inThread) {
      complain(explain(state.command, 'not_in_threads'));
      return;
    }
    box.value = '';
    draw();
    if (command) {
      report(state.command, await act('command', { ...where, text: text.slice(state.command.length).replace(/^\s/, '') }));
    } else {
      const said = report('The message', await act('say', { ...where, text, thread_ts }));
      if (said.error) box.value = text;
    }
  };

  box.addEventListener('input', () => {
    complain('');
    draw();
  });
  box.addEventListener('blur', hide);
  box.addEventListener('keydown', (event) => {
    if (!list.hidden && (event.key === 'ArrowDown' || event.key === 'ArrowUp') && !event.altKey) {
      event.preventDefault();
      chosen = (chosen + (event.key === 'ArrowDown' ? 1 : offered.length - 1)) % offered.length;
      draw();
    } else if (!list.hidden && event.key === 'Tab' && !event.shiftKey) {
      event.preventDefault();
      take(chosen);
    } else if (!list.hidden && event.key === 'Escape') {
      event.stopPropagation();
      hide();
    } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      const mention = !list.hidden && offered[chosen] && !box.value.startsWith('/');
      if (mention || (!list.hidden && offered[chosen]?.shortcut)) take(chosen);
      else submit();
    }
  });
  send.addEventListener('click', submit);
  const form = el('div', { class: 'composer' }, list, problem, el('div', { class: 'composer-box' }, shortcut, box, send));
  return { form, box, shortcut };
}

export function focusComposer() {
  // On a touch screen this would bring up the keyboard.
  const touch = window.matchMedia('(pointer: coarse)').matches;
  (touch ? byId('messages') : byId('composer-text'))?.focus();
}
