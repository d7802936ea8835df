// The workspace drawer: faults on demand, people, groups.
import { byId, el, toast, whenChanged } from './dom.js';
import { change, fault } from './net.js';

const faults = [
  ['refresh', 'Ask the app to reconnect', 'disconnect', { reason: 'refresh_requested' }],
  ['drop', 'Cut the connections', 'drop', {}],
  ['freeze', 'Let the connections go silent', 'freeze', {}],
  ['slow', 'Fail the next post (500, but posted)', 'fail', { method: 'chat.postMessage', kind: 'error_after' }],
  ['limited', 'Rate-limit the next five calls', 'fail', { method: '*', kind: 'rate_limited', count: 5, retry_after: 2 }],
  ['clear', 'Clear all faults', 'clear', {}],
];

const keys = [
  ['F6', 'next region'], ['Alt ↑ ↓', 'next conversation'], ['↑ ↓', 'next message'], ['Ctrl /', 'the shortcut'],
  ['Ctrl Enter', 'send a form'], ['Esc', 'close'],
];

async function done(promise, what) {
  const answer = await promise;
  toast(answer.ok ? `${what}: done` : `${what}: ${answer.error}`);
}

export function renderDrawer(app) {
  const place = byId('drawer');
  place.hidden = !app.drawer;
  byId('open-aside').setAttribute('aria-expanded', String(app.drawer));
  if (!app.drawer) return;
  const { state } = app;
  const looks = JSON.stringify([state.connections, state.down, state.rate_limits, state.people, state.groups]);
  whenChanged(place, looks, () => draw(app, place));
}

function draw(app, place) {
  const { state } = app;
  const focused = document.activeElement?.dataset?.testid;
  place.replaceChildren(
    el('header', {}, el('h2', {}, 'Workspace'),
      el('button', { class: 'icon', 'aria-label': 'Close', 'data-testid': 'close-drawer', onclick: () => app.toggleDrawer() }, '×')),
    el('div', { class: 'drawer-body' },
      el('p', {}, `${state.connections} ${state.connections === 1 ? 'connection' : 'connections'} of the app.`),
      el('h3', {}, 'Make trouble'),
      el('div', { class: 'stack' }, ...faults.map(([id, label, what, fields]) =>
        el('button', { class: 'quiet', 'data-testid': `fault-${id}`, onclick: () => done(fault(what, fields), label) }, label)),
      el('button', { class: 'quiet', 'data-testid': 'fault-outage', 'aria-pressed': String(state.down), onclick: () => fault('outage', { on: !state.down }) },
        state.down ? 'End the outage' : 'Slack is down'),
      el('button', { class: 'quiet', 'data-testid': 'fault-limits', 'aria-pressed': String(state.rate_limits), onclick: () => fault('rate_limits', { on: !state.rate_limits }) },
        state.rate_limits ? 'Rate limits are on' : 'Rate limits are off')),
      el('h3', {}, 'People'),
      el('ul', { class: 'people' }, ...state.people.map((person) => personRow(person))),
      el('h3', {}, 'User groups'),
      el('ul', { class: 'people' }, ...state.groups.map((group) =>
        el('li', {}, el('strong', {}, `@${group.handle}`),
          el('span', {}, group.users.map((id) => state.people.find((p) => p.id === id)?.name ?? id).join(', ') || 'nobody')))),
      el('h3', {}, 'Keys'),
      el('dl', { class: 'keys' }, ...keys.flatMap(([key, what]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, what)]))));
  if (focused && document.activeElement === document.body) place.querySelector(`[data-testid="${focused}"]`)?.focus();
}

function personRow(person) {
  const what = [person.kind.replaceAll('_', ' '), person.admin && 'admin', person.deactivated && 'deactivated'].filter(Boolean).join(', ');
  const label = person.deactivated ? 'Reactivate' : 'Deactivate';
  return el('li', {},
    el('strong', {}, person.name), el('span', {}, what),
    person.kind === 'bot' ? null : el('button', {
      class: 'quiet small',
      'data-testid': `toggle-${person.name}`,
      'aria-label': `${label} ${person.name}`,
      onclick: () => done(change(person.deactivated ? 'reactivate' : 'deactivate', { user: person.id }), `${label} ${person.name}`),
    }, label));
}
