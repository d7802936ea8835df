// The page's side of /page/…: one JSON state for whoever you are, told anew after each change.
import { toast } from './dom.js';

async function post(path, body) {
  const response = await fetch(`/page/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}

export const act = (what, fields) => post('act', { do: what, ...fields });
export const fault = (what, fields) => post('fault', { do: what, ...fields });
export const change = (what, fields) => post('directory', { do: what, ...fields });

export async function loadState(user) {
  return (await fetch(`/page/state?user=${encodeURIComponent(user)}`)).json();
}

// What Slack's client says when an app fails.
const words = {
  operation_timeout: 'failed with the error “operation_timeout”: the app did not answer within 3 seconds.',
  dispatch_failed: 'failed with the error “dispatch_failed”: the app is not connected.',
  invalid_command_response: 'got an answer Slack could not show.',
  invalid_response: 'got an answer Slack could not use. We had some trouble connecting. Try again?',
  not_in_threads: 'does not work in threads. Mention the bot instead.',
  no_such_element: 'is out of date: the message has changed.',
  not_available_to_external_people: 'is not available to people from other organisations.',
};

export function explain(what, error) {
  return `${what} ${words[error] ?? `failed: ${error}`}`;
}

export function report(what, outcome) {
  if (outcome.error && outcome.error !== 'view_errors' && outcome.error !== 'declined') {
    toast(explain(what, outcome.error));
  }
  return outcome;
}

// Calls back after each change, and keeps trying while the workspace is away.
export function listen(onChange, onLink) {
  const socket = new WebSocket(`ws://${location.host}/page/live`);
  socket.addEventListener('open', () => onLink(true));
  socket.addEventListener('message', () => onChange());
  socket.addEventListener('close', () => {
    onLink(false);
    setTimeout(() => listen(onChange, onLink), 1000);
  });
}
