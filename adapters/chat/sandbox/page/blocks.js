// Block Kit as a person sees it.
import { el } from './dom.js';
import { control } from './fields.js';
import { mrkdwn, nameOf, textObject, withEmoji } from './mrkdwn.js';

// `context` = { state, place, onAction(block, element, chosen), suggest(block, element, text), dispatches(block),
//   held(block_id, action_id), busy(block_id, action_id), readers, errors }; `place` tells apart what has the same
//   ids elsewhere, `readers` is a Map block_id → read() that inputs enter themselves into.
export function renderBlocks(context, blocks) {
  return blocks.map((block) => {
    const make = kinds[block.type];
    const body = make ? make(context, block) : [el('p', { class: 'unknown' }, `[${block.type}]`)];
    return el('div', { class: `block block-${block.type}`, 'data-block-id': block.block_id }, ...body);
  });
}

const kinds = {
  header: (c, b) => [el('h3', {}, ...textObject(c.state, b.text))],
  divider: () => [el('hr')],
  section: (c, b) => [
    el('div', { class: 'section-text' },
      ...textObject(c.state, b.text),
      b.fields ? el('div', { class: 'fields' }, ...b.fields.map((f) => el('div', {}, ...textObject(c.state, f)))) : null),
    b.accessory ? element(c, b, b.accessory) : null,
  ].filter(Boolean),
  context: (c, b) => b.elements.map((item) =>
    item.type === 'image' ? el('span', { class: 'image' }, item.alt_text) : el('span', {}, ...textObject(c.state, item))),
  actions: (c, b) => b.elements.map((item) => element(c, b, item)),
  rich_text: (c, b) => b.elements.map((part) => richPart(c, part)),
  markdown: (c, b) => [el('div', { class: 'lines' }, b.text)],
  image: (c, b) => [el('span', { class: 'image' }, b.alt_text)],
  input: (c, b) => [input(c, b)],
};

function richPart(context, part) {
  const inner = (items) => items.map((item) => richInline(context, item));
  if (part.type === 'rich_text_quote') return el('blockquote', { 'data-testid': 'quote' }, ...inner(part.elements));
  if (part.type === 'rich_text_preformatted') return el('pre', {}, ...inner(part.elements));
  if (part.type === 'rich_text_list') {
    return el(part.style === 'ordered' ? 'ol' : 'ul', {}, ...part.elements.map((item) => el('li', {}, ...inner(item.elements))));
  }
  return el('div', { class: 'lines' }, ...inner(part.elements));
}

function richInline({ state }, item) {
  const style = item.style ?? {};
  const plain = {
    text: () => item.text,
    user: () => `@${nameOf(state, item.user_id)}`,
    usergroup: () => `@${state.groups.find((g) => g.id === item.usergroup_id)?.handle ?? item.usergroup_id}`,
    channel: () => `#${state.channels.find((c) => c.id === item.channel_id)?.name ?? item.channel_id}`,
    broadcast: () => `@${item.range}`,
    emoji: () => withEmoji(`:${item.name}:`),
    link: () => item.text ?? item.url,
    date: () => item.fallback ?? new Date(item.timestamp * 1000).toISOString(),
  }[item.type];
  const text = plain ? plain() : '';
  if (item.type === 'link' && /^https?:\/\//i.test(item.url)) {
    return el('a', { href: item.url, target: '_blank', rel: 'noopener noreferrer' }, text);
  }
  const special = ['user', 'usergroup', 'channel', 'broadcast'].includes(item.type);
  const names = [special && 'mention', style.bold && 'bold', style.italic && 'italic', style.strike && 'strike'].filter(Boolean);
  return el(style.code ? 'code' : 'span', { class: names.join(' ') || undefined }, text);
}

function element(context, block, item) {
  if (item.type === 'button') return button(context, block, item);
  if (item.type === 'image') return el('span', { class: 'image' }, item.alt_text);
  const made = control(context, block, item, {
    id: `${context.place}-${block.block_id}-${item.action_id}`,
    testid: `select-${item.action_id}`,
    label: item.placeholder?.text ?? 'Choose',
  });
  return made ? made.node : el('span', { class: 'unknown' }, `[${item.type}]`);
}

function input(context, block) {
  const id = `${context.place}-${block.block_id}`;
  const error = context.errors?.[block.block_id];
  const describedBy = [error && `${id}-error`, block.hint && `${id}-hint`].filter(Boolean).join(' ') || undefined;
  const made = control(context, block, block.element, { id, testid: `input-${block.block_id}`, describedBy, invalid: Boolean(error) });
  if (!made) return el('p', { class: 'unknown' }, `[${block.element.type}]`);
  context.readers?.set(block.block_id, made.read);
  const grouped = made.node.matches('.checks');
  return el('div', { class: `field ${error ? 'wrong' : ''}` },
    el(grouped ? 'p' : 'label', { class: 'label', id: `${id}-label`, for: grouped ? undefined : id }, ...textObject(context.state, block.label),
      block.optional ? el('span', { class: 'optional' }, ' (optional)') : null),
    made.node,
    error ? el('p', { class: 'field-error', id: `${id}-error`, role: 'alert', 'data-testid': `error-${block.block_id}` }, error) : null,
    block.hint ? el('p', { class: 'hint', id: `${id}-hint` }, ...textObject(context.state, block.hint)) : null);
}

function button(context, block, item) {
  const busy = context.busy?.(block.block_id, item.action_id) ?? false;
  return el('button', {
    type: 'button',
    class: `card-button ${item.style ?? ''} ${busy ? 'busy' : ''}`,
    'data-testid': `button-${item.action_id}`,
    'data-action-id': item.action_id,
    'aria-label': item.accessibility_label,
    'aria-busy': busy ? 'true' : undefined,
    'aria-disabled': busy ? 'true' : undefined, // not disabled: the keyboard stays on it
    onclick: () => !busy && context.onAction(block, item, null),
  }, el('span', {}, ...textObject(context.state, item.text)));
}

export function fallbackText(state, text) {
  return mrkdwn(state, text);
}
