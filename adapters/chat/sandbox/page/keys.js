// Keys that work everywhere, as in Slack: F6 goes round the regions, Alt and an arrow to the next conversation,
// Ctrl and / uses the shortcut, Escape closes what was opened last. Arrows go from message to message.
import { byId } from './dom.js';

const regions = ['#conversations .current, #conversations button', '#messages', '#composer-text', '#thread-text', '#drawer button'];

function reachable(selector) {
  return [...document.querySelectorAll(selector)].find((one) => one.getClientRects().length > 0 && !one.closest('[inert], [hidden]'));
}

function nextRegion(step) {
  const stops = regions.map(reachable).filter(Boolean);
  const places = stops.map((stop) => stop.closest('#sidebar, #messages, .composer, #thread, #drawer'));
  const here = places.findIndex((place) => place.contains(document.activeElement));
  stops[(here + step + stops.length) % stops.length]?.focus();
}

function nextConversation(app, step) {
  const ids = app.state.channels.filter((one) => !one.dm).concat(app.state.channels.filter((one) => one.dm)).map((one) => one.id);
  const here = app.view.kind === 'home' ? ids.length : ids.indexOf(app.view.channel);
  const all = [...ids, null];
  const next = all[(here + step + all.length) % all.length];
  app.go(next ? 'channel' : 'home', next);
}

function nextMessage(list, step) {
  const all = [...list.querySelectorAll('article')];
  const here = all.indexOf(document.activeElement.closest('article'));
  const next = here < 0 ? all[step > 0 ? 0 : all.length - 1] : all[here + step];
  if (!next) return false;
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
  return true;
}

export function listenToKeys(app) {
  document.addEventListener('keydown', (event) => {
    if (!app.state?.me || byId('frame').inert) return;
    const { target, key } = event;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (key === 'F6') {
      event.preventDefault();
      nextRegion(event.shiftKey ? -1 : 1);
    } else if ((event.ctrlKey || event.metaKey) && key === '/') {
      event.preventDefault();
      app.useShortcut();
    } else if (step && event.altKey && !target.closest('.combo, select')) {
      event.preventDefault();
      nextConversation(app, step);
    } else if (step && target.matches('#messages, .thread-messages, article')) {
      if (nextMessage(target.closest('#messages, .thread-messages'), step)) event.preventDefault();
    } else if (key === 'Escape' && app.sidebar) {
      app.toggleSidebar(false);
    } else if (key === 'Escape' && app.drawer && (target.closest('#drawer') || !app.view.thread)) {
      app.toggleDrawer();
    } else if (key === 'Escape' && app.view.thread) {
      app.openThread(null);
    }
  });
}
