'use strict';
// What the small bot shows on Home and asks in its form: a search over more names than a menu holds.
const plain = (text) => ({ type: 'plain_text', text, emoji: false });
const option = (value, text = value) => ({ text: plain(text), value });

const catalog = ['staging', 'production', 'billing', 'payments-db', 'payments-web', 'search', 'queue',
  ...Array.from({ length: 600 }, (_, index) => `service-${String(index).padStart(3, '0')}`)];

const found = (text) => catalog.filter((name) => name.includes(text.toLowerCase())).slice(0, 100).map((name) => option(name));

function form(picked) {
  const roles = picked === 'production' ? ['viewer'] : ['viewer', 'editor', 'admin'];
  const blocks = [
    { type: 'section', block_id: 'intro', text: { type: 'mrkdwn', text: 'Access ends by itself. *Approvers* see what you write.' } },
    {
      type: 'input', block_id: 'resource', dispatch_action: true, label: plain('Resource'),
      element: { type: 'external_select', action_id: 'resource_pick', min_query_length: 0, placeholder: plain('Type to search'), focus_on_load: true },
    },
    {
      type: 'input', block_id: 'role', label: plain('Role'),
      element: { type: 'static_select', action_id: 'role_pick', options: roles.map((role) => option(role)) },
    },
    { type: 'input', block_id: 'duration', label: plain('For how long'), hint: plain('At most 8h'), element: { type: 'plain_text_input', action_id: 'typed', initial_value: '1h' } },
    { type: 'input', block_id: 'for', optional: true, label: plain('For somebody else'), element: { type: 'users_select', action_id: 'person_pick' } },
    { type: 'input', block_id: 'reason', label: plain('Reason'), element: { type: 'plain_text_input', action_id: 'typed', multiline: true } },
  ];
  if (picked) blocks.splice(2, 0, { type: 'context', block_id: 'rule', elements: [{ type: 'mrkdwn', text: `*${picked}* needs one approver` }] });
  return { type: 'modal', callback_id: 'request', title: plain('Request access'), submit: plain('Ask'), close: plain('Cancel'), blocks };
}

const home = (pressed) => ({
  type: 'home',
  blocks: [
    { type: 'header', block_id: 'have', text: plain('What you have') },
    {
      type: 'section', block_id: 'grant', text: { type: 'mrkdwn', text: '✅ *staging* : `viewer` until <!date^1893456000^{date_short_pretty} {time}|2030-01-01 00:00 UTC>' },
      accessory: { type: 'button', action_id: 'done', value: '7K3F', text: plain("I'm done") },
    },
    { type: 'context', block_id: 'why', elements: [{ type: 'mrkdwn', text: 'JIT-7K3F · INC-7 look at queue' }] },
    { type: 'divider', block_id: 'line' },
    { type: 'header', block_id: 'waits', text: plain('What waits for you') },
    { type: 'section', block_id: 'none', text: { type: 'mrkdwn', text: pressed ? `Nothing. You pressed ${pressed} times.` : 'Nothing.' } },
    {
      type: 'actions', block_id: 'acts', elements: [
        { type: 'button', style: 'primary', action_id: 'ask_home', text: plain('Request access') },
        { type: 'button', action_id: 'refresh', text: plain('Refresh') },
      ],
    },
  ],
});

function addForms(app, log) {
  const pressed = new Map(); // user → how often
  const publish = (client, user) => client.views.publish({ user_id: user, view: home(pressed.get(user) ?? 0) });
  const open = async ({ ack, body, client }) => {
    await ack();
    await client.views.open({ trigger_id: body.trigger_id, view: form(null) });
  };
  app.event('app_home_opened', async ({ event, client }) => {
    log.homes.push([event.user, event.tab]);
    if (event.tab === 'home') await publish(client, event.user);
  });
  app.action('ask_home', open);
  app.shortcut('request_access', open);
  app.action('refresh', async ({ ack, body, client }) => {
    await ack();
    pressed.set(body.user.id, (pressed.get(body.user.id) ?? 0) + 1);
    await publish(client, body.user.id);
  });
  app.options('resource_pick', async ({ options, ack }) => {
    log.searches.push(options.value);
    if (options.value === 'silence') return; // never answered
    if (options.value === 'kinds') {
      const group = (label, names) => ({ label: plain(label), options: names.map((name) => option(name)) });
      await ack({ option_groups: [group('Databases', ['payments-db', 'billing']), group('Sites', ['payments-web', 'search'])] });
      return;
    }
    await ack({ options: found(options.value) });
  });
  app.action('resource_pick', async ({ ack, action, body, client }) => {
    await ack();
    log.picked.push(action.selected_option.value);
    await client.views.update({ view_id: body.view.id, hash: body.view.hash, view: form(action.selected_option.value) });
  });
  app.view('request', async ({ ack, view, body, client }) => {
    const { values } = view.state;
    if (values.reason.typed.value.length < 5) return ack({ response_action: 'errors', errors: { reason: 'Say a little more.' } });
    await ack();
    log.asked.push(values);
    return client.chat.postMessage({
      channel: 'C0STAGING',
      text: `<@${body.user.id}> asks for *${values.resource.resource_pick.selected_option.value}*`,
    });
  });
  app.event('app_mention', async ({ event, say }) => {
    log.mentions.push(event);
    await say({ text: `<@${event.user}> I heard you.`, thread_ts: event.thread_ts ?? event.ts });
  });
}

module.exports = { addForms };
