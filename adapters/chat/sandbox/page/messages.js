// The conversation: messages, threads, buttons.
import { byId, el, keyed } from './dom.js';
import { markFocus, refocus } from './focus.js';
import { act, explain } from './net.js';
import { fallbackText, renderBlocks } from './blocks.js';
import { nameOf } from './mrkdwn.js';
import { confirmDialog } from './modal.js';

const busy = new Set(); // "place block_id action_id" under way
const failed = new Map(); // place → what went wrong

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

// What pressing and choosing does in a message or on Home. `where` names it to the workspace.
function contextFor(app, place, where, more) {
  return {
    state: app.state,
    place: place.replaceAll(' ', '-'),
    dispatches: () => true,
    busy: (block, action) => busy.has(`${place} ${block} ${action}`),
    suggest: (block, item, text) => act('suggest', { user: app.state.me, ...where, block_id: block.block_id, action_id: item.action_id, text }),
    onAction: async (block, item, chosen) => {
      if (item.confirm && !(await confirmDialog(app.state, item.confirm))) return;
      const held = `${place} ${block.block_id} ${item.action_id}`;
      busy.add(held);
      failed.delete(place);
      app.render();
      const outcome = await act('click', {
        user: app.state.me, ...where, action_id: item.action_id, block_id: block.block_id, chosen, values: more.values?.(),
      });
      busy.delete(held);
      if (outcome.error && outcome.error !== 'declined') failed.set(place, explain(item.type === 'button' ? 'The button' : 'The choice', outcome.error));
      await app.refresh();
      app.render();
    },
    ...more,
  };
}

function problemLine(place) {
  const problem = failed.get(place);
  return problem ? el('p', { class: 'problem', role: 'alert', 'data-testid': 'problem' }, `⚠ ${problem}`) : null;
}

export function messageNode(app, message, { inThread = false } = {}) {
  const { state } = app;
  const place = `${message.channel} ${message.ts}`;
  const name = message.bot_id ? state.bot.name : nameOf(state, message.user);
  const where = { channel: message.channel, ts: message.ts };
  const context = contextFor(app, place, where, { place: `${inThread ? 'thread' : 'message'}-${message.channel}-${message.ts}` });
  const body = message.blocks?.length ? renderBlocks(context, message.blocks) : fallbackText(state, message.text);
  return el('article', {
    class: `message ${message.only_for ? 'private' : ''}`,
    'data-testid': 'message',
    'data-ts': message.ts,
    'data-private': message.only_for ? 'true' : undefined,
    tabindex: '-1',
    'aria-label': `${name}, ${clock(message.ts)}`,
  },
  avatar(state, message.user),
  el('div', { class: 'message-body' },
    message.only_for ? el('p', { class: 'only-you', 'data-testid': 'only-you' }, '◉ Only visible to you') : null,
    el('p', { class: 'byline' }, el('strong', {}, name), badge(state, message), el('time', {}, clock(message.ts)),
      message.edited ? el('span', { class: 'edited' }, 'edited') : null),
    el('div', { class: 'content' }, ...body),
    problemLine(place),
    inThread ? null : replyLine(app, message)));
}

const countOf = (count) => `${count} ${count === 1 ? 'reply' : 'replies'}`;

function replyLine(app, message) {
  if (message.only_for) return null;
  const count = message.reply_count ?? 0;
  const attributes = {
    type: 'button',
    class: count > 0 ? 'replies' : 'replies none',
    'data-testid': 'open-thread',
    'aria-expanded': String(app.view.thread === message.ts),
    onclick: () => app.openThread(message.ts),
  };
  if (count === 0) return el('button', attributes, 'Reply in thread');
  return el('button', attributes,
    el('span', { class: 'repliers' }, ...message.reply_users.slice(0, 4).map((id) => avatar(app.state, id))),
    el('span', { class: 'count' }, countOf(count)), el('span', { class: 'last' }, `last at ${clock(message.latest_reply)}`));
}

const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;

// The scroll position stays where the reader put it, or at the end; so does the keyboard.
function fill(place, items, { toEnd = true } = {}) {
  const atEnd = toEnd && place.scrollHeight - place.scrollTop - place.clientHeight < 60;
  const mark = place.contains(document.activeElement) ? markFocus() : null;
  keyed(place, items);
  if (atEnd) place.scrollTop = place.scrollHeight;
  if (mark && !place.contains(document.activeElement)) refocus(mark);
}

function item(app, message, options) {
  const place = `${message.channel} ${message.ts}`;
  const held = [...busy].filter((one) => one.startsWith(`${place} `));
  return {
    key: place,
    looks: JSON.stringify([message, held, failed.get(place) ?? '', app.state.me, app.view.thread === message.ts]),
    make: () => messageNode(app, message, options),
  };
}

export function renderMessages(app) {
  const place = byId('messages');
  const { state, view } = app;
  const here = `${state.me} ${view.kind} ${view.channel ?? ''}`;
  const moved = place.dataset.here !== here;
  place.dataset.here = here;
  place.setAttribute('aria-label', view.kind === 'home' ? 'Home' : 'Messages');
  place.setAttribute('role', view.kind === 'home' ? 'region' : 'log');
  if (view.kind === 'home') {
    fill(place, homeItems(app), { toEnd: false });
    if (moved) place.scrollTop = 0;
    return;
  }
  const all = (state.messages[view.channel] ?? []).filter((message) => !isReply(message));
  const empty = () => el('div', { class: 'empty' },
    el('h2', {}, 'Nothing here yet'),
    el('p', {}, `Type ${state.command} to talk to the bot.`));
  fill(place, all.length > 0 ? all.map((message) => item(app, message)) : [{ key: 'empty', looks: '', make: empty }]);
  if (moved) place.scrollTop = place.scrollHeight;
}

function homeItems(app) {
  const { home, bot } = app.state;
  if (!home) {
    const nothing = () => el('div', { class: 'empty', 'data-testid': 'home-empty' }, el('h2', {}, 'Home'),
      el('p', {}, `${bot.name} has published nothing here yet.`));
    return [{ key: 'home-empty', looks: '', make: nothing }];
  }
  const drawn = byId('messages').querySelector('[data-testid="home"]');
  const holder = drawn?.dataset.view === home.id
    ? drawn
    : el('div', { class: 'home content', 'data-testid': 'home', 'data-ts': 'home', 'data-view': home.id });
  holder.readers ??= new Map();
  const context = contextFor(app, 'home', { view: home.id }, {
    readers: holder.readers,
    held: (block, action) => home.state.values[block]?.[action] ?? {},
    dispatches: (block) => block.type !== 'input' || block.dispatch_action === true,
    values: () => Object.fromEntries([...holder.readers].map(([block, read]) => [block, read()])),
  });
  const there = new Set(home.blocks.map((block) => block.block_id));
  [...holder.readers.keys()].filter((block) => !there.has(block)).forEach((block) => holder.readers.delete(block));
  const problem = failed.get('home');
  const items = home.blocks.map((block) => ({
    key: block.block_id,
    looks: JSON.stringify([block, [...busy].filter((one) => one.startsWith(`home ${block.block_id} `))]),
    make: () => renderBlocks(context, [block])[0],
  }));
  if (problem) items.unshift({ key: ' problem', looks: problem, make: () => problemLine('home') });
  fill(holder, items, { toEnd: false });
  return [{ key: 'home', looks: home.id, make: () => holder }];
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
    const channel = state.channels.find((one) => one.id === view.channel);
    list = el('section', { class: 'thread-messages', tabindex: '0', role: 'log', 'aria-label': 'Messages of the thread' });
    place.replaceChildren(
      el('header', {}, el('h2', {}, 'Thread', el('span', { class: 'members' }, channel?.dm ? state.bot.name : `#${channel?.name ?? ''}`)), el('button', {
        class: 'icon', 'aria-label': 'Close the thread', 'data-testid': 'close-thread', onclick: () => app.openThread(null),
      }, '×')),
      list,
      el('p', { class: 'thread-note', id: 'thread-note' },
        `Commands do not work in threads: mention @${state.bot.name} instead.`),
      composer);
  }
  const root = all.find((message) => message.ts === view.thread);
  const items = all.map((message) => item(app, message, { inThread: true }));
  if (root && all.length > 1) {
    items.splice(1, 0, { key: 'count', looks: String(all.length), make: () => el('p', { class: 'thread-count' }, countOf(all.length - 1)) });
  }
  fill(list, items);
}
