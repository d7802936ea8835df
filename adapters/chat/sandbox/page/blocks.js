// Block Kit as a person sees it.
import { el } from './dom.js';
import { mrkdwn, nameOf, textObject, withEmoji } from './mrkdwn.js';

// `context` = { state, onAction(block, element, chosen), busy(action_id) }
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
  input: (c, b) => [el('p', { class: 'label' }, ...textObject(c.state, b.label)), element(c, b, b.element)],
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

export function optionList(item) {
  return item.options ?? (item.option_groups ?? []).flatMap((group) => group.options);
}

function element(context, block, item) {
  if (item.type === 'button') return button(context, block, item);
  if (item.type === 'static_select' || item.type === 'overflow' || item.type === 'radio_buttons') {
    const select = el('select', {
      'data-testid': `select-${item.action_id}`,
      'aria-label': item.placeholder?.text ?? 'Choose',
      onchange: () => select.value && context.onAction(block, item, select.value),
    }, el('option', { value: '' }, item.placeholder?.text ?? 'Choose…'),
    ...optionList(item).map((option) => el('option', { value: option.value }, option.text.text)));
    return select;
  }
  return el('span', { class: 'unknown' }, `[${item.type}]`);
}

function button(context, block, item) {
  const busy = context.busy?.(item.action_id) ?? false;
  return el('button', {
    type: 'button',
    class: `card-button ${item.style ?? ''} ${busy ? 'busy' : ''}`,
    'data-testid': `button-${item.action_id}`,
    'data-action-id': item.action_id,
    'aria-busy': busy ? 'true' : undefined,
    disabled: busy,
    onclick: () => context.onAction(block, item, null),
  }, el('span', {}, ...textObject(context.state, item.text)));
}

export function fallbackText(state, text) {
  return mrkdwn(state, text);
}
