'use strict';
// Slack's official SDK against the sandbox workspace: what it accepts, a client of Slack accepts.
const { after, before, test } = require('node:test');
const assert = require('node:assert/strict');
const { App, LogLevel } = require('@slack/bolt');
const { SocketModeClient } = require('@slack/socket-mode');
const { startWorkspace } = require('./workspace.js');

let workspace;
let app;
const seen = { events: [], clicks: [], submissions: 0, searches: [], homes: [], asked: null };

const form = {
  type: 'modal',
  callback_id: 'deny_form',
  title: { type: 'plain_text', text: 'Deny' },
  submit: { type: 'plain_text', text: 'Deny' },
  blocks: [
    {
      type: 'input',
      block_id: 'why',
      label: { type: 'plain_text', text: 'Reason' },
      element: { type: 'plain_text_input', action_id: 'reason' },
    },
  ],
};

const card = [
  { type: 'section', block_id: 'facts', text: { type: 'mrkdwn', text: '<@U0ALICE01> asks for *staging*' } },
  {
    type: 'actions',
    block_id: 'acts',
    elements: [
      { type: 'button', action_id: 'approve', value: 'JIT-7K3F', text: { type: 'plain_text', text: 'Approve' } },
    ],
  },
];

const plain = (text) => ({ type: 'plain_text', text });
const option = (value) => ({ text: plain(value), value });

// Asks for access: the resource is looked up, and what was picked changes the form.
const search = (roles) => ({
  type: 'modal',
  callback_id: 'access_form',
  title: plain('Request access'),
  submit: plain('Ask'),
  blocks: [
    {
      type: 'input', block_id: 'resource', dispatch_action: true, label: plain('Resource'),
      element: { type: 'external_select', action_id: 'pick', min_query_length: 0 },
    },
    { type: 'input', block_id: 'role', label: plain('Role'), element: { type: 'static_select', action_id: 'role', options: roles.map(option) } },
    { type: 'input', block_id: 'for', optional: true, label: plain('For'), element: { type: 'users_select', action_id: 'person' } },
  ],
});

const home = (text) => ({
  type: 'home',
  blocks: [
    { type: 'section', block_id: 'have', text: { type: 'mrkdwn', text } },
    { type: 'actions', block_id: 'acts', elements: [{ type: 'button', action_id: 'ask', text: plain('Request access') }] },
  ],
});

// Home, the shortcut, and a form that searches.
function addForms() {
  const open = async ({ ack, body, client }) => {
    await ack();
    await client.views.open({ trigger_id: body.trigger_id, view: search(['viewer', 'admin']) });
  };
  app.shortcut('request_access', open);
  app.action('ask', open);
  app.event('app_home_opened', async ({ event, client }) => {
    seen.homes.push({ tab: event.tab, view: event.view?.id });
    if (event.tab === 'home') await client.views.publish({ user_id: event.user, hash: event.view?.hash, view: home(`opened ${seen.homes.length}`) });
  });
  app.options('pick', async ({ options, ack }) => {
    seen.searches.push({ value: options.value, block: options.block_id, view: options.view.callback_id });
    if (options.value === 'groups') await ack({ option_groups: [{ label: plain('Databases'), options: ['db-1', 'db-2'].map(option) }] });
    else if (options.value === 'many') await ack({ options: Array.from({ length: 101 }, (_, index) => option(`o${index}`)) });
    else await ack({ options: ['staging', 'production'].filter((name) => name.includes(options.value)).map(option) });
  });
  app.action('pick', async ({ ack, action, body, client }) => {
    await ack();
    const roles = action.selected_option.value === 'production' ? ['viewer'] : ['viewer', 'admin'];
    await client.views.update({ view_id: body.view.id, hash: body.view.hash, view: search(roles) });
  });
  app.view('access_form', async ({ ack, view }) => {
    seen.asked = view.state.values;
    await ack();
  });
}

before(async () => {
  workspace = await startWorkspace();
  app = new App({
    token: workspace.bot_token,
    appToken: workspace.app_token,
    socketMode: true,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: workspace.api_url },
  });
  app.command('/jit', async ({ command, ack, respond, client }) => {
    if (command.text === 'form') {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: form });
      return;
    }
    await ack({ response_type: 'ephemeral', text: `understood: ${command.text}` });
    await respond({ response_type: 'in_channel', text: `in the channel: ${command.text}` });
  });
  app.action('approve', async ({ ack, body, action, client }) => {
    await ack();
    seen.clicks.push({ user: body.user.id, value: action.value, ts: body.message.ts });
    await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: 'approved', blocks: [] });
  });
  app.view('deny_form', async ({ ack, view }) => {
    seen.submissions += 1;
    const reason = view.state.values.why.reason.value;
    if (reason.length < 5) await ack({ response_action: 'errors', errors: { why: 'Too short' } });
    else await ack();
  });
  app.event('app_mention', async ({ event, say }) => {
    seen.events.push(event);
    await say({ text: 'you called?', thread_ts: event.thread_ts ?? event.ts });
  });
  addForms();
  await app.start();
});

after(async () => {
  await app?.stop();
  const code = await workspace?.stop();
  assert.equal(code, 0);
});

const messagesOf = async (user, channel) => (await workspace.state(user)).messages[channel] ?? [];

test('it connects, and the workspace knows one registration', async () => {
  const log = await workspace.log();
  assert.equal(log.connections.length, 1);
  assert.ok(log.calls.some((call) => call.method === 'auth.test'));
});

test('a command is acknowledged privately and answered through its response_url', async () => {
  const outcome = await workspace.act('command', { user: 'alice', channel: '#staging-approvals', text: 'request for @bob' });
  assert.equal(outcome.error, '');
  assert.deepEqual(outcome.ack, { response_type: 'ephemeral', text: 'understood: request for <@U0BOB0001|bob>' });
  await workspace.until(
    async () => (await messagesOf('bob', 'C0STAGING')).some((m) => m.text.startsWith('in the channel')),
    'the answer in the channel',
  );
  const texts = (await messagesOf('bob', 'C0STAGING')).map((m) => m.text);
  assert.ok(!texts.some((text) => text.startsWith('understood')), 'bob does not see what only alice sees');
  assert.ok((await messagesOf('alice', 'C0STAGING')).some((m) => m.only_for === 'U0ALICE01'));
});

test('a message is posted, its button pressed, and the message updated', async () => {
  const posted = await app.client.chat.postMessage({ channel: 'C0STAGING', text: 'waiting', blocks: card });
  assert.equal(posted.ok, true);
  const outcome = await workspace.act('click', {
    user: 'carol', channel: 'C0STAGING', ts: posted.ts, action_id: 'approve',
  });
  assert.equal(outcome.error, '');
  await workspace.until(
    async () => (await messagesOf('carol', 'C0STAGING')).some((m) => m.ts === posted.ts && m.text === 'approved'),
    'the updated card',
  );
  assert.deepEqual(seen.clicks, [{ user: 'U0CAROL01', value: 'JIT-7K3F', ts: posted.ts }]);
  const again = await workspace.act('click', {
    user: 'carol', channel: 'C0STAGING', ts: posted.ts, action_id: 'approve',
  });
  assert.equal(again.error, 'no_such_element');
});

test('blocks Slack would refuse are refused with a json-pointer', async () => {
  const blocks = [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }];
  await assert.rejects(app.client.chat.postMessage({ channel: 'C0STAGING', text: 'x', blocks }), (error) => {
    assert.equal(error.data.error, 'invalid_blocks');
    assert.match(error.data.response_metadata.messages[0], /less than 151 characters \[json-pointer:\/blocks\/0\/text\/text\]/);
    return true;
  });
});

test('a modal opens, shows an error, and closes once accepted', async () => {
  const outcome = await workspace.act('command', { user: 'alice', channel: '#general', text: 'form' });
  assert.equal(outcome.error, '');
  await workspace.until(async () => (await workspace.state('alice')).views.length === 1, 'the modal');
  const refused = await workspace.act('submit', { user: 'alice', values: { why: 'no' } });
  assert.equal(refused.error, 'view_errors');
  assert.deepEqual((await workspace.state('alice')).views[0].errors, { why: 'Too short' });
  const accepted = await workspace.act('submit', { user: 'alice', values: { why: 'not today' } });
  assert.equal(accepted.error, '');
  assert.equal((await workspace.state('alice')).views.length, 0);
  assert.equal(seen.submissions, 2);
});

test('a mention arrives as an event and is answered in its thread', async () => {
  const said = await workspace.act('say', { user: 'bob', channel: '#general', text: '@jit are you there?' });
  await workspace.until(
    async () => (await messagesOf('bob', 'C0GENERAL')).some((m) => m.thread_ts === said.ts && m.text === 'you called?'),
    'the answer in the thread',
  );
  assert.equal(seen.events.length, 1);
  const envelope = (await workspace.log()).envelopes.find((e) => e.type === 'events_api');
  assert.ok(envelope.acked_at !== null && !envelope.late);
});

test('a mention in a thread is answered in that thread, where commands do not work', async () => {
  const root = await workspace.act('say', { user: 'carol', channel: '#general', text: 'who looks at the queue?' });
  await workspace.act('say', { user: 'bob', channel: '#general', thread_ts: root.ts, text: '@jit who queue' });
  const thread = async () => (await messagesOf('carol', 'C0GENERAL')).filter((m) => m.thread_ts === root.ts);
  await workspace.until(async () => (await thread()).some((m) => m.text === 'you called?'), 'the answer in the thread');
  const event = seen.events.at(-1);
  assert.equal(event.thread_ts, root.ts);
  assert.equal(event.text, '<@U0JITBOT1> who queue');
  assert.deepEqual((await thread())[0].reply_users, ['U0BOB0001', 'U0JITBOT1']);
  const command = await workspace.act('command', { user: 'bob', channel: '#general', thread_ts: root.ts, text: 'who queue' });
  assert.equal(command.error, 'not_in_threads');
});

test('Home is published when it is opened, again by its hash, and its button opens a form', async () => {
  const published = async () => (await workspace.state('erin')).home;
  await workspace.act('open_home', { user: 'erin', tab: 'home' });
  await workspace.until(async () => (await published())?.blocks[0].text.text === 'opened 1', 'the first Home');
  const first = await published();
  await workspace.act('open_home', { user: 'erin', tab: 'home' });
  await workspace.until(async () => (await published()).blocks[0].text.text === 'opened 2', 'the second Home');
  assert.deepEqual(seen.homes.slice(0, 2), [{ tab: 'home', view: undefined }, { tab: 'home', view: first.id }]);
  await assert.rejects(app.client.views.publish({ user_id: 'U0ERIN001', hash: first.hash, view: home('late') }), (error) => {
    assert.equal(error.data.error, 'hash_conflict');
    return true;
  });
  const outcome = await workspace.act('click', { user: 'erin', view: first.id, action_id: 'ask' });
  assert.equal(outcome.error, '');
  await workspace.until(async () => (await workspace.state('erin')).views.length === 1, 'the form');
  await workspace.act('close', { user: 'erin' });
});

test('a shortcut opens a form whose field searches, and what is picked changes the form', async () => {
  assert.equal((await workspace.act('shortcut', { user: 'alice' })).error, '');
  const view = async () => (await workspace.state('alice')).views[0];
  await workspace.until(async () => (await view())?.callback_id === 'access_form', 'the form');
  const { id } = await view();
  const type = (text) => workspace.act('suggest', { user: 'alice', block_id: 'resource', text });
  const offered = await type('');
  assert.deepEqual(offered.options.map((one) => one.value), ['staging', 'production']);
  assert.deepEqual(seen.searches[0], { value: '', block: 'resource', view: 'access_form' });
  const groups = await type('groups');
  assert.equal(groups.option_groups[0].label.text, 'Databases');
  assert.deepEqual(groups.options.map((one) => one.value), ['db-1', 'db-2']);
  assert.equal((await type('many')).error, 'invalid_options', 'a hundred at most');
  await workspace.act('click', { user: 'alice', view: id, block_id: 'role', chosen: 'admin' });
  const picked = await workspace.act('click', { user: 'alice', view: id, block_id: 'resource', chosen: 'production' });
  assert.equal(picked.error, '');
  await workspace.until(async () => (await view()).blocks[1].element.options.length === 1, 'the form for production');
  assert.equal((await view()).state.values.role.role.selected_option, null, 'admin is not on offer there');
  const sent = await workspace.act('submit', { user: 'alice', values: { resource: 'production', role: 'viewer', for: 'U0BOB0001' } });
  assert.equal(sent.error, '');
  assert.equal(seen.asked.resource.pick.selected_option.value, 'production');
  assert.equal(seen.asked.for.person.selected_user, 'U0BOB0001');
});

test('lists are paged as the SDK pages them', async () => {
  const names = [];
  for await (const page of app.client.paginate('users.list', { limit: 3 })) {
    names.push(...page.members.map((member) => member.name));
  }
  assert.equal(names.length, 10);
  assert.ok(names.includes('alice') && !names.includes('sam'));
});

test('it comes back after a refresh, and after a dropped connection', { timeout: 60000 }, async () => {
  for (const [fault, fields] of [['disconnect', { reason: 'refresh_requested' }], ['drop', {}]]) {
    const old = (await workspace.log()).connections.map((connection) => connection.id);
    await workspace.fault(fault, fields);
    await workspace.until(
      async () => (await workspace.log()).connections.some((c) => c.greeted && !old.includes(c.id)),
      `a new connection after ${fault}`,
      30000,
    );
    const outcome = await workspace.act('command', { user: 'alice', channel: '#general', text: `after ${fault}` });
    assert.equal(outcome.error, '');
    assert.equal(outcome.ack.text, `understood: after ${fault}`);
  }
});

test('the plain socket-mode client connects, acknowledges and disconnects', async () => {
  const alone = await startWorkspace();
  const client = new SocketModeClient({
    appToken: alone.app_token,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: alone.api_url },
  });
  client.on('slash_commands', async ({ ack, body }) => ack({ text: `plain ${body.text}` }));
  await client.start();
  const outcome = await alone.act('command', { user: 'alice', channel: '#general', text: 'hello' });
  assert.equal(outcome.ack.text, 'plain hello');
  await client.disconnect();
  await alone.until(async () => (await alone.log()).connections.length === 0, 'the registration to end');
  assert.equal(await alone.stop(), 0);
});
