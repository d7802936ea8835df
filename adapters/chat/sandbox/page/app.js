// The page: who you are, where you are, and everything drawn from the workspace's state.
import { byId, el, toast, whenChanged } from './dom.js';
import { markFocus, refocus } from './focus.js';
import { act, listen, loadState, report } from './net.js';
import { avatar, renderMessages, renderThread } from './messages.js';
import { renderModal } from './modal.js';
import { renderDrawer } from './drawer.js';
import { focusComposer, makeComposer } from './composer.js';
import { listenToKeys } from './keys.js';

const seen = new Map(); // "user channel" → ts last read
const narrow = window.matchMedia('(max-width: 720px)');
let beforeThread = null; // where the keyboard was
let beforeDrawer = null;

const app = {
  state: null,
  view: { kind: 'channel', channel: null, thread: null },
  drawer: false,
  sidebar: false, // only on narrow screens
  render,
  refresh,
  go,
  openThread(ts) {
    if (ts && !app.view.thread) beforeThread = markFocus();
    app.view.thread = ts;
    render();
    if (ts) byId('thread-text')?.focus();
    else refocus(beforeThread ?? { id: 'composer-text', node: byId('composer-text') });
  },
  toggleDrawer() {
    app.drawer = !app.drawer;
    if (app.drawer) beforeDrawer = markFocus();
    render();
    if (app.drawer) byId('drawer').querySelector('button').focus();
    else refocus(beforeDrawer);
  },
  toggleSidebar(open) {
    app.sidebar = open;
    render();
    if (open) byId('identity').focus();
    else if (narrow.matches) byId('open-sidebar').focus();
  },
  async useShortcut() {
    report(app.state.shortcut, await act('shortcut', { user: app.state.me }));
  },
};

const composer = makeComposer(app);
const threadComposer = makeComposer(app, { thread: () => app.view.thread, id: 'thread-text', testid: 'thread-composer' });

const stored = () => new URLSearchParams(location.search).get('user') ?? 'alice';

let loading = false;
let again = false;
async function refresh() {
  if (loading) {
    again = true;
    return;
  }
  loading = true;
  do {
    again = false;
    const wanted = stored();
    const state = await loadState(wanted).catch(() => null);
    if (state && stored() === wanted) app.state = state;
  } while (again);
  loading = false;
  if (app.state) render();
}

function become(user) {
  const query = new URLSearchParams(location.search);
  query.set('user', user);
  history.replaceState(null, '', `?${query}`);
  app.view = { kind: 'channel', channel: null, thread: null };
  byId('toasts').replaceChildren();
  refresh();
}

function go(kind, channel) {
  app.view = { kind, channel, thread: null };
  app.sidebar = false;
  const dm = channel && app.state.channels.find((one) => one.id === channel)?.dm;
  if (kind === 'home') act('open_home', { user: app.state.me, tab: 'home' });
  if (dm) act('open_home', { user: app.state.me, tab: 'messages' });
  render();
  if (kind === 'home') byId('messages').focus();
  else focusComposer();
}

async function openBot() {
  const opened = report('The conversation', await act('open_dm', { user: app.state.me }));
  if (opened.channel) {
    await refresh();
    go('channel', opened.channel);
  }
}

const lastTs = (channel) => (app.state.messages[channel] ?? []).reduce((last, m) => (m.ts > last ? m.ts : last), '');

function unread(channel) {
  const key = `${app.state.me} ${channel.id}`;
  const last = lastTs(channel.id);
  if (!seen.has(key)) seen.set(key, channel.dm ? '' : last);
  if (app.view.kind === 'channel' && app.view.channel === channel.id) seen.set(key, last);
  return last > seen.get(key);
}

function entry(label, mark, current, isUnread, onclick, testid) {
  return el('li', {}, el('button', {
    class: `conversation ${current ? 'current' : ''} ${isUnread ? 'unread' : ''}`,
    'aria-current': current ? 'page' : undefined,
    'data-testid': testid,
    'data-unread': isUnread ? 'true' : undefined,
    onclick,
  }, el('span', { class: 'mark', 'aria-hidden': 'true' }, mark), el('span', { class: 'label' }, label),
  isUnread ? el('span', { class: 'dot', title: 'unread' }) : null));
}

function renderSidebar() {
  const { state, view } = app;
  const at = (id) => view.kind === 'channel' && view.channel === id;
  const dm = state.channels.find((channel) => channel.dm);
  const channels = state.channels.filter((c) => !c.dm).map((c) => [c.id, c.name, c.private, at(c.id), unread(c)]);
  const looks = JSON.stringify([channels, view.kind, dm && [dm.id, at(dm.id), unread(dm)], state.bot.name, state.shortcut, state.me]);
  whenChanged(byId('conversations'), looks, () => drawSidebar(dm, at));
}

function drawSidebar(dm, at) {
  const { state, view } = app;
  const focused = document.activeElement?.dataset?.testid;
  byId('conversations').replaceChildren(
    el('h2', {}, 'Channels'),
    el('ul', {}, ...state.channels.filter((c) => !c.dm).map((c) =>
      entry(c.name, c.private ? '◈' : '#', at(c.id), unread(c), () => go('channel', c.id), `channel-${c.name}`))),
    el('h2', {}, 'App'),
    el('ul', {},
      dm ? entry(state.bot.name, '●', at(dm.id), unread(dm), () => go('channel', dm.id), 'dm-bot')
        : entry(state.bot.name, '○', false, false, openBot, 'dm-bot'),
      entry('Home', '⌂', view.kind === 'home', false, () => go('home', null), 'app-home'),
      entry(state.shortcut, '⚡', false, false, () => app.useShortcut(), 'shortcut')));
  if (focused && document.activeElement === document.body) {
    byId('conversations').querySelector(`[data-testid="${focused}"]`)?.focus();
  }
}

const kindNames = { guest: 'guest', single_channel_guest: 'single-channel guest', stranger: 'other company' };

function renderIdentity() {
  const { state } = app;
  const select = byId('identity');
  const options = state.people.filter((p) => p.kind !== 'bot').map((p) =>
    [p.id, [p.name, kindNames[p.kind], p.admin && 'admin', p.deactivated && 'deactivated'].filter(Boolean).join(' · ')]);
  const key = JSON.stringify([options, state.me]);
  if (select.dataset.key === key) return;
  select.dataset.key = key;
  select.replaceChildren(...options.map(([id, label]) => el('option', { value: id, selected: id === state.me }, label)));
}

function channelTitle(channel) {
  return [
    el('h1', {}, `# ${channel.name}`),
    el('span', { class: 'members' }, `${channel.members.length} members`),
    channel.ext_shared ? el('span', { class: 'badge outside' }, 'shared with another company') : null,
    channel.archived ? el('span', { class: 'badge' }, 'archived') : null,
  ].filter(Boolean);
}

// The app's own place: Home and the conversation with it.
function appTitle() {
  const { state, view } = app;
  const tab = (label, here, onclick, testid) =>
    el('button', { type: 'button', class: 'tab', 'aria-current': here ? 'page' : undefined, 'data-testid': testid, onclick }, label);
  return [
    avatar(state, state.bot.user_id),
    el('h1', {}, state.bot.name),
    el('nav', { class: 'tabs', 'aria-label': state.bot.name },
      tab('Home', view.kind === 'home', () => go('home', null), 'tab-home'),
      tab('Messages', view.kind !== 'home', openBot, 'tab-messages')),
  ];
}

function renderTop() {
  const { state, view } = app;
  const channel = state.channels.find((one) => one.id === view.channel);
  const title = byId('title');
  document.title = state.team.name;
  document.querySelector('.team-name').textContent = state.team.name;
  const looks = JSON.stringify([view.kind, channel, state.bot, state.me]);
  whenChanged(title, looks, () => {
    const mark = title.contains(document.activeElement) ? markFocus() : null;
    if (view.kind === 'home' || channel?.dm) title.replaceChildren(...appTitle());
    else title.replaceChildren(...(channel ? channelTitle(channel) : []));
    if (mark) refocus(mark);
  });
  const banner = byId('banner');
  banner.hidden = state.banner === '';
  banner.textContent = state.banner;
  const link = byId('link-state');
  const up = state.connections > 0 && !state.down;
  link.className = up ? 'up' : 'away';
  link.textContent = state.down ? 'Slack is down' : up ? 'the app is connected' : 'the app is not connected';
}

function render() {
  const { state, view } = app;
  if (!state?.me) {
    byId('messages').replaceChildren(el('div', { class: 'empty' }, el('p', {}, 'There is nobody of that name here.')));
    if (state) renderIdentity();
    return;
  }
  if (view.kind === 'channel' && !state.channels.some((c) => c.id === view.channel)) {
    view.channel = state.channels.find((c) => !c.dm)?.id ?? null;
    view.thread = null;
  }
  renderIdentity();
  renderTop();
  renderMessages(app);
  renderSidebar();
  renderThread(app, threadComposer.form);
  renderDrawer(app);
  const channel = state.channels.find((c) => c.id === view.channel);
  composer.form.hidden = view.kind === 'home' || !channel;
  composer.box.placeholder = channel?.dm ? `Message ${state.bot.name}` : (narrow.matches ? `Message, or ${state.command} …` : `Message #${channel?.name ?? ''}, or ${state.command} …`);
  threadComposer.box.placeholder = 'Reply…';
  composer.shortcut.title = `${state.shortcut} (Ctrl+/)`;
  composer.shortcut.setAttribute('aria-label', `Shortcut: ${state.shortcut}`);
  document.body.classList.toggle('with-thread', Boolean(view.thread));
  document.body.classList.toggle('with-drawer', app.drawer);
  reach();
  renderModal(app);
}

// On a narrow screen one thing covers the others, which the keyboard does not reach then.
function reach() {
  const { thread } = app.view;
  const sidebar = narrow.matches && app.sidebar;
  document.body.classList.toggle('sidebar-open', sidebar);
  byId('open-sidebar').setAttribute('aria-expanded', String(sidebar));
  byId('main').inert = narrow.matches && Boolean(sidebar || thread || app.drawer);
  byId('thread').inert = sidebar || (narrow.matches && app.drawer);
  byId('drawer').inert = sidebar;
}

byId('composer-place').replaceWith(composer.form);
byId('identity').addEventListener('change', (event) => become(event.target.value));
byId('open-aside').addEventListener('click', () => app.toggleDrawer());
byId('open-sidebar').addEventListener('click', () => app.toggleSidebar(true));
byId('close-sidebar').addEventListener('click', () => app.toggleSidebar(false));
byId('veil').addEventListener('click', () => app.toggleSidebar(false));
narrow.addEventListener('change', () => app.state && render());
listenToKeys(app);
listen(refresh, (up) => {
  document.body.classList.toggle('offline', !up);
  if (!up) toast('The workspace is away. Trying again…');
});
refresh();
