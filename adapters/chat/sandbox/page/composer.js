// Where people type: messages, and slash commands with completion.
import { el } from './dom.js';
import { act, report } from './net.js';

function suggestions(state, text) {
  const { command } = state;
  if (!text.startsWith('/')) return [];
  const known = state.command_words.length > 0 ? state.command_words : [{ word: '', hint: '' }];
  const [head, ...rest] = text.split(' ');
  if (rest.length === 0) {
    if (!command.startsWith(head)) return [];
    return known.map((one) => ({ insert: `${command} ${one.word}`.trimEnd(), hint: one.hint }));
  }
  if (head !== command || rest.length > 1) return [];
  return known
    .filter((one) => one.word.startsWith(rest[0]) && one.word !== rest[0])
    .map((one) => ({ insert: `${command} ${one.word}`, hint: one.hint }));
}

export function makeComposer(app, { thread = () => null, id = 'composer-text', testid = 'composer' } = {}) {
  const list = el('ul', { class: 'completion', role: 'listbox', id: `${id}-list`, hidden: true, 'data-testid': `${testid}-completion` });
  const box = el('textarea', {
    id,
    rows: '1',
    'data-testid': testid,
    'aria-label': 'Message',
    'aria-controls': `${id}-list`,
    'aria-autocomplete': 'list',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const send = el('button', { class: 'send', 'data-testid': `${testid}-send`, 'aria-label': 'Send' }, '➤');
  let offered = [];
  let chosen = 0;

  const draw = () => {
    offered = thread() ? [] : suggestions(app.state, box.value);
    chosen = Math.min(chosen, Math.max(0, offered.length - 1));
    list.hidden = offered.length === 0;
    list.replaceChildren(...offered.map((one, index) =>
      el('li', {
        role: 'option',
        'aria-selected': index === chosen ? 'true' : 'false',
        onmousedown: (event) => {
          event.preventDefault();
          take(index);
        },
      }, el('strong', {}, one.insert), el('span', {}, one.hint))));
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
  };
  const take = (index) => {
    box.value = `${offered[index].insert} `;
    draw();
    box.focus();
  };

  const submit = async () => {
    const text = box.value;
    if (text.trim() === '') return;
    box.value = '';
    draw();
    const { state, view } = app;
    const where = { user: state.me, channel: view.channel };
    const thread_ts = thread() ?? '';
    if (text.startsWith(state.command) && /^$|\s/.test(text.slice(state.command.length, state.command.length + 1))) {
      if (thread_ts) {
        report(state.command, { error: 'not_in_threads: mention the bot instead' });
        box.value = text;
        return;
      }
      report(state.command, await act('command', { ...where, text: text.slice(state.command.length).replace(/^\s/, '') }));
    } else {
      const said = report('The message', await act('say', { ...where, text, thread_ts }));
      if (said.error) box.value = text;
    }
  };

  box.addEventListener('input', draw);
  box.addEventListener('blur', () => { list.hidden = true; });
  box.addEventListener('keydown', (event) => {
    if (!list.hidden && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      chosen = (chosen + (event.key === 'ArrowDown' ? 1 : offered.length - 1)) % offered.length;
      draw();
    } else if (!list.hidden && event.key === 'Tab') {
      event.preventDefault();
      take(chosen);
    } else if (event.key === 'Escape') {
      list.hidden = true;
    } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    }
  });
  send.addEventListener('click', submit);
  const form = el('div', { class: 'composer' }, list, el('div', { class: 'composer-box' }, box, send));
  return { form, box };
}
