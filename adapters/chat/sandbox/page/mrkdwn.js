// Slack's mrkdwn as nodes. What the author escaped comes out as the characters themselves.
import { el } from './dom.js';

const unescape = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

export function nameOf(state, id) {
  if (id === state.bot.user_id) return state.bot.name;
  return state.people.find((person) => person.id === id)?.name ?? id;
}

function mention(state, id) {
  return el('span', { class: id === state.me ? 'mention you' : 'mention', 'data-testid': 'mention' }, `@${nameOf(state, id)}`);
}

const pad = (number) => String(number).padStart(2, '0');

function ago(then, now) {
  const seconds = Math.round((then - now) / 1000);
  const units = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(Math.round(seconds / size), unit);
}

// <!date^1392734382^{date_short} at {time}^link|fallback>, in the reader's own zone as Slack does.
function dateText(seconds, format) {
  const when = new Date(seconds * 1000);
  const show = (options) => new Intl.DateTimeFormat('en', options).format(when);
  const day = (options) => {
    const today = new Date();
    const days = Math.round((new Date(when).setHours(0, 0, 0, 0) - today.setHours(0, 0, 0, 0)) / 86400000);
    return { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' }[days] ?? show(options);
  };
  const short = { month: 'short', day: 'numeric', year: 'numeric' };
  const long = { weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' };
  const full = { month: 'long', day: 'numeric', year: 'numeric' };
  const tokens = {
    date_num: () => `${when.getFullYear()}-${pad(when.getMonth() + 1)}-${pad(when.getDate())}`,
    date: () => show(full),
    date_short: () => show(short),
    date_long: () => show(long),
    date_pretty: () => day(full),
    date_short_pretty: () => day(short),
    date_long_pretty: () => day(long),
    time: () => `${pad(when.getHours())}:${pad(when.getMinutes())}`,
    time_secs: () => `${pad(when.getHours())}:${pad(when.getMinutes())}:${pad(when.getSeconds())}`,
    ago: () => ago(when.getTime(), Date.now()),
  };
  return format.replace(/\{(\w+)\}/g, (whole, token) => (tokens[token] ? tokens[token]() : whole));
}

function link(url, label) {
  // Only web and mail addresses become links; anything else stays text.
  if (!/^(https?:\/\/|mailto:)/i.test(url)) return document.createTextNode(label);
  return el('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, label);
}

export function token(state, inner) {
  const [head, ...rest] = inner.split('|');
  const label = rest.length > 0 ? unescape(rest.join('|')) : null;
  if (/^@[UW]/.test(head)) return mention(state, head.slice(1));
  if (head.startsWith('#')) {
    const channel = state.channels.find((one) => one.id === head.slice(1));
    return el('span', { class: 'mention' }, `#${channel?.name || label || head.slice(1)}`);
  }
  if (head.startsWith('!subteam^')) {
    const group = state.groups.find((one) => one.id === head.slice(9));
    return el('span', { class: 'mention' }, `@${group?.handle ?? label ?? head.slice(9)}`);
  }
  if (head.startsWith('!date^')) {
    const [, seconds, format] = head.split('^');
    const valid = /^\d+$/.test(seconds ?? '') && format;
    return el('time', { title: label ?? '' }, valid ? dateText(Number(seconds), format) : (label ?? ''));
  }
  if (/^!(here|channel|everyone)$/.test(head)) return el('span', { class: 'mention loud', 'data-testid': 'ping' }, `@${head.slice(1)}`);
  return link(unescape(head), label ?? unescape(head));
}

const styles = [
  [/^```([\s\S]+?)```/, (body) => el('pre', {}, unescape(body))],
  [/^`([^`\n]+)`/, (body) => el('code', {}, unescape(body))],
  [/^\*(?=\S)([^*\n]*[^*\s])\*(?![\w*])/, (body, state) => el('strong', {}, ...inline(state, body))],
  [/^_(?=\S)([^_\n]*[^_\s])_(?![\w_])/, (body, state) => el('em', {}, ...inline(state, body))],
  [/^~(?=\S)([^~\n]*[^~\s])~(?![\w~])/, (body, state) => el('s', {}, ...inline(state, body))],
  [/^<([^<>\n]+)>/, (body, state) => token(state, body)],
];

const emoji = {
  white_check_mark: '✅', hourglass_flowing_sand: '⏳', hourglass: '⌛', x: '❌', no_entry: '⛔', warning: '⚠️',
  lock: '🔒', unlock: '🔓', rotating_light: '🚨', tada: '🎉', bell: '🔔', key: '🔑', stopwatch: '⏱️', wave: '👋',
};

export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => emoji[name] ?? whole);
}

// The signs that cards carry are drawn by us: a bare machine has no font for them. Their text stays.
const signs = {
  '⏳': 'waiting', '⌛': 'waiting', '⏰': 'waiting', '✅': 'fine', '⛔': 'no', '❌': 'no', '✖': 'no', '⚠': 'warn',
  '🚨': 'alarm', '⚪': 'idle', '🔌': 'idle', '🔚': 'over',
};
const signPattern = new RegExp(`(${Object.keys(signs).join('|')})\\uFE0F?`, 'u');

// Signs are drawn by the page whatever fonts the machine has; `:names:` become signs only where Slack would do it.
function drawSigns(text) {
  return text.split(signPattern).map((part) =>
    signs[part] ? el('span', { class: `sign sign-${signs[part]}` }, part) : document.createTextNode(part));
}

export function withSigns(text) {
  return drawSigns(withEmoji(text));
}

function inline(state, text) {
  const out = [];
  let plain = '';
  const flush = () => {
    if (plain) out.push(...withSigns(unescape(plain)));
    plain = '';
  };
  for (let i = 0; i < text.length; ) {
    const rest = text.slice(i);
    const wordBefore = i > 0 && /\w/.test(text[i - 1]);
    let matched = null;
    for (const [pattern, make] of styles) {
      if (wordBefore && /^[*_~]/.test(rest)) continue;
      const found = pattern.exec(rest);
      if (found) {
        matched = [found[0].length, make(found[1], state)];
        break;
      }
    }
    if (matched) {
      flush();
      out.push(matched[1]);
      i += matched[0];
    } else {
      plain += text[i];
      i += 1;
    }
  }
  flush();
  return out;
}

export function mrkdwn(state, text) {
  const out = [];
  let quote = [];
  let lines = [];
  const flushLines = () => {
    if (lines.length > 0) out.push(el('div', { class: 'lines' }, ...inline(state, lines.join('\n'))));
    lines = [];
  };
  const flushQuote = () => {
    if (quote.length > 0) out.push(el('blockquote', {}, ...inline(state, quote.join('\n'))));
    quote = [];
  };
  for (const line of text.split('\n')) {
    const quoted = /^(?:&gt;|>)\s?(.*)$/.exec(line);
    if (quoted) {
      flushLines();
      quote.push(quoted[1]);
    } else {
      flushQuote();
      lines.push(line);
    }
  }
  flushQuote();
  flushLines();
  return out;
}

export function textObject(state, object) {
  if (!object) return [];
  if (object.type === 'mrkdwn') return mrkdwn(state, object.text);
  return [el('span', { class: 'plain' }, ...(object.emoji === false ? drawSigns(object.text) : withSigns(object.text)))];
}
