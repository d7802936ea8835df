// The conversation: messages, threads, buttons.
import { byId, el, keyed } from './dom.js';
import { act, explain, report } from './net.js';
import { fallbackText, renderBlocks } from './blocks.js';
import { confirmDialog } from './modal.js';

const busy = new Set(); // "channel ts action_id" under way
const failed = new Map(); // "channel ts" → what went wrong

const hues = [12, 40, 95, 150, 190, 225, 265, 310];
export function avatar(state, id) {
  const bot = id === state.bot.user_id;
  const person = state.people.find((one) => one.id === id);
  const letter = (bot ? 'J' : (person?.name?.[0] ?? '?')).toUpperCase();
  const index = [...id].reduce((sum, c) => sum + c.charCodeAt(0), 0) % hues.length;
  return el('span', { class: bot ? 'avatar app' : `avatar hue-${index}`, 'aria-hidden': 'true' }, letter);
}

function clock(ts) {
  return new Date(Number(ts.split('.')[0]) * 1000).toTimeString().slice(0, 5);
}

function badge(state, message) {
  if (message.bot_id) return el('span', { class: 'badge' }, 'APP');
  const person = state.people.find((one) => one.id === message.user);
  if (person?.kind === 'stranger') return el('span', { class: 'badge outside' }, 'other company');
  if (person?.kind?.endsWith('guest')) return el('span', { class: 'badge' }, 'guest');
  return null;
}

async function press(app, message, block, item, chosen) {
  if (item.confirm && !(await confirmDialog(app.state, item.confirm))) return;
  const key = `${message.channel} ${message.ts}`;
  const held = `${key} ${item.action_id}`;
  busy.add(held);
  failed.delete(key);
  app.render();
  const outcome = await act('click', {
    user: app.state.me, channel: message.channel, ts: message.ts, action_id: item.action_id, block_id: block.block_id, chosen,
  });
  busy.delete(held);
  if (outcome.error && outcome.error !== 'declined') failed.set(key, explain('The button', outcome.error));
  await app.refresh();
  app.render();
}

export function messageNode(app, message, { inThread = false } = {}) {
  const { state } = app;
  const name = message.bot_id ? state.bot.name : (state.people.find((p) => p.id === message.user)?.name ?? message.user);
  const context = {
    state,
    onAction: (block, item, chosen) => press(app, message, block, item, chosen),
    busy: (action) => busy.has(`${message.channel} ${message.ts} ${action}`),
  };
  const body = message.blocks?.length ? renderBlocks(context, message.blocks) : fallbackText(state, message.text);
  const problem = failed.get(`${message.channel} ${message.ts}`);
  return el('article', {
    class: `message ${message.only_for ? 'private' : ''}`,
    'data-testid': 'message',
    'data-ts': message.ts,
    'data-private': message.only_for ? 'true' : undefined,
  },
  avatar(state, message.user),
  el('div', { class: 'message-body' },
    message.only_for ? el('p', { class: 'only-you', 'data-testid': 'only-you' }, '◉ Only visible to you') : null,
    el('p', { class: 'byline' }, el('strong', {}, name), badge(state, message), el('time', {}, clock(message.ts)),
      message.edited ? el('span', { class: 'edited' }, 'edited') : null),
    el('div', { class: 'content' }, ...body),
    problem ? el('p', { class: 'problem', role: 'alert', 'data-testid': 'problem' }, `⚠ ${problem}`) : null,
    inThread ? null : replyLine(app, message)));
}

function replyLine(app, message) {
  if (message.only_for) return null;
  const count = message.reply_count ?? 0;
  return el('button', {
    type: 'button',
    class: count > 0 ? 'replies' : 'replies none',
    'data-testid': 'open-thread',
    onclick: () => app.openThread(message.ts),
  }, count > 0 ? `${count} ${count === 1 ? 'reply' : 'replies'}` : 'Reply in thread');
}

const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;

// The scroll position stays where the reader put it, or at the end; so does the keyboard.
function fill(place, items) {
  const atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 60;
  const focused = document.activeElement;
  const action = place.contains(focused) && focused.dataset.actionId;
  const ts = action && focused.closest('[data-ts]')?.dataset.ts;
  keyed(place, items);
  if (atEnd) place.scrollTop = place.scrollHeight;
  if (action && !place.contains(document.activeElement)) {
    const article = [...place.querySelectorAll('[data-ts]')].find((node) => node.dataset.ts === ts);
    const again = article && [...article.querySelectorAll('[data-action-id]')].find((n) => n.dataset.actionId === action);
    (again ?? place).focus();
  }
}

function item(app, message, options) {
  const key = `${message.channel} ${message.ts}`;
  const held = [...busy].filter((one) => one.startsWith(key));
  return {
    key,
    looks: JSON.stringify([message, held, failed.get(key) ?? '', app.state.me]),
    make: () => messageNode(app, message, options),
  };
}

export function renderMessages(app) {
  const place = byId('messages');
  const { state, view } = app;
  if (view.kind === 'home') {
    fill(place, [{ key: 'home', looks: JSON.stringify(state.home), make: () => homeNode(app) }]);
    return;
  }
  const all = (state.messages[view.channel] ?? []).filter((message) => !isReply(message));
  const empty = el('div', { class: 'empty' },
    el('h2', {}, 'Nothing here yet'),
    el('p', {}, `Type ${state.command} to talk to the bot.`));
  fill(place, all.length > 0 ? all.map((message) => item(app, message)) : [{ key: 'empty', looks: '', make: () => empty }]);
}

function homeNode(app) {
  const { state } = app;
  if (!state.home) return el('div', { class: 'empty' }, el('h2', {}, 'Home'), el('p', {}, 'The app has published nothing here.'));
  const context = {
    state,
    onAction: async (block, item, chosen) => {
      if (item.confirm && !(await confirmDialog(state, item.confirm))) return;
      report('The button', await act('click', { user: state.me, view: state.home.id, action_id: item.action_id, block_id: block.block_id, chosen }));
    },
  };
  return el('div', { class: 'home content', 'data-testid': 'home' }, ...renderBlocks(context, state.home.blocks));
}

export function renderThread(app, composer) {
  const place = byId('thread');
  const { state, view } = app;
  place.hidden = !view.thread;
  if (!view.thread) {
    place.replaceChildren();
    return;
  }
  const all = (state.messages[view.channel] ?? []).filter((m) => m.ts === view.thread || m.thread_ts === view.thread);
  let list = place.querySelector('.thread-messages');
  if (!list || place.dataset.ts !== view.thread) {
    place.dataset.ts = view.thread;
    list = el('section', { class: 'thread-messages', tabindex: '0', 'aria-label': 'Messages of the thread' });
    place.replaceChildren(
      el('header', {}, el('h2', {}, 'Thread'), el('button', {
        class: 'icon', 'aria-label': 'Close the thread', 'data-testid': 'close-thread', onclick: () => app.openThread(null),
      }, '×')),
      list,
      composer);
  }
  fill(list, all.map((message) => item(app, message, { inThread: true })));
}
