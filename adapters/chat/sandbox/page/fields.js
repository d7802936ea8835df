// The elements people fill in or choose from, in forms, on Home and in messages.
import { el } from './dom.js';
import { combobox } from './combobox.js';

export function optionList(item) {
  return item.options ?? (item.option_groups ?? []).flatMap((group) => group.options);
}

function groupsOf(answer) {
  const one = (option) => ({ value: option.value, label: option.text.text, note: option.description?.text });
  if (answer.option_groups) {
    return answer.option_groups.map((group) => ({ label: group.label.text, options: group.options.map(one) }));
  }
  return [{ options: answer.options.map(one) }];
}

function optionNodes(item, current) {
  const one = (option) => el('option', { value: option.value, selected: option.value === current }, option.text.text);
  if (!item.option_groups) return (item.options ?? []).map(one);
  return item.option_groups.map((group) => el('optgroup', { label: group.label.text }, ...group.options.map(one)));
}

const inputTypes = {
  plain_text_input: 'text', number_input: 'number', email_text_input: 'email', url_text_input: 'url', datepicker: 'date', timepicker: 'time',
};

// `spot` = { id, testid, label, describedBy, invalid }, `held` the element's state.
function common(item, spot) {
  return {
    id: spot.id, 'data-testid': spot.testid, 'data-action-id': item.action_id, 'aria-label': spot.label,
    'aria-describedby': spot.describedBy, 'aria-invalid': spot.invalid ? 'true' : undefined,
  };
}

function textField(context, block, item, held, spot) {
  const multiline = item.type === 'plain_text_input' && item.multiline;
  const node = el(multiline ? 'textarea' : 'input', {
    ...common(item, spot), type: multiline ? undefined : inputTypes[item.type], rows: multiline ? '3' : undefined,
    placeholder: item.placeholder?.text, autocomplete: 'off',
  });
  node.value = held.value ?? held.selected_date ?? held.selected_time ?? '';
  const read = () => (node.value === '' ? null : node.value);
  const picker = item.type.endsWith('picker');
  const triggers = item.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'];
  if (picker) {
    node.addEventListener('change', () => context.onAction(block, item, read()));
  } else if (context.dispatches(block)) {
    if (triggers.includes('on_enter_pressed') && !multiline) {
      node.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' || event.isComposing) return;
        event.preventDefault();
        context.onAction(block, item, read());
      });
    }
    if (triggers.includes('on_character_entered')) {
      let timer;
      node.addEventListener('input', () => {
        clearTimeout(timer);
        timer = setTimeout(() => context.onAction(block, item, read()), 500);
      });
    }
  }
  return { node, read };
}

function staticSelect(context, block, item, held, spot) {
  const node = el('select', {
    ...common(item, spot),
    onchange: () => {
      const { value } = node;
      if (item.type === 'overflow') node.value = ''; // a menu of actions holds nothing
      if (value) context.onAction(block, item, value);
    },
  }, el('option', { value: '' }, item.placeholder?.text ?? 'Choose…'), ...optionNodes(item, held.selected_option?.value ?? ''));
  return { node, read: () => (node.value === '' ? null : node.value) };
}

function checks(context, block, item, held, spot) {
  const many = item.type !== 'radio_buttons';
  const current = new Set([...(held.selected_options ?? []), held.selected_option].filter(Boolean).map((one) => one.value));
  const node = el('div', {
    class: 'checks', role: many ? 'group' : 'radiogroup', id: spot.id, 'data-testid': spot.testid,
    'aria-label': spot.label, 'aria-labelledby': spot.label ? undefined : `${spot.id}-label`, 'aria-describedby': spot.describedBy,
  }, ...optionList(item).map((option) =>
    el('label', {}, el('input', {
      type: many ? 'checkbox' : 'radio', name: spot.id, value: option.value, checked: current.has(option.value), 'data-action-id': item.action_id,
      onchange: () => context.onAction(block, item, read()),
    }), el('span', {}, option.text.text, option.description ? el('span', { class: 'note' }, option.description.text) : null))));
  const read = () => {
    const values = [...node.querySelectorAll('input:checked')].map((one) => one.value);
    return many ? values : (values[0] ?? null);
  };
  return { node, read };
}

function lookup(context, block, item, held, spot) {
  const option = held.selected_option;
  return combobox({
    ...spot, actionId: item.action_id, placeholder: item.placeholder?.text ?? 'Search…',
    chosen: option ? { value: option.value, label: option.text.text } : null,
    minimum: item.min_query_length ?? 3,
    load: async (text) => {
      const answer = await context.suggest(block, item, text);
      return answer.error ? answer : { groups: groupsOf(answer) };
    },
    onChoose: (value) => context.onAction(block, item, value),
  });
}

function person(context, block, item, held, spot) {
  const people = context.state.people.filter((one) => !one.deactivated && one.kind !== 'bot')
    .map((one) => ({ value: one.id, label: `@${one.name}`, note: one.real_name }));
  return combobox({
    ...spot, actionId: item.action_id, placeholder: item.placeholder?.text ?? 'Choose somebody…',
    chosen: people.find((one) => one.value === held.selected_user) ?? null,
    minimum: 0,
    load: async (text) => {
      const wanted = text.replace(/^@/, '').toLowerCase();
      return { groups: [{ options: people.filter((one) => `${one.label} ${one.note}`.toLowerCase().includes(wanted)) }] };
    },
    onChoose: (value) => context.onAction(block, item, value),
  });
}

const kinds = {
  static_select: staticSelect, overflow: staticSelect, radio_buttons: checks, checkboxes: checks, multi_static_select: checks,
  external_select: lookup, users_select: person,
};

// The control and how to read it; null for kinds that are not drawn. `context` is that of renderBlocks.
export function control(context, block, item, spot) {
  const make = kinds[item.type] ?? (inputTypes[item.type] ? textField : null);
  return make && make(context, block, item, context.held?.(block.block_id, item.action_id) ?? {}, spot);
}
