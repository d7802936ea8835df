'use strict';
// Slack's official SDK against the sandbox workspace: what it accepts, a client of Slack accepts.
const { after, before, test } = require('node:test');
const assert = require('node:assert/strict');
const { App, LogLevel } = require('@slack/bolt');
const { SocketModeClient } = require('@slack/socket-mode');
const { startWorkspace } = require('./workspace.js');

let workspace;
let app;
const seen = { events: [], clicks: [], submissions: 0 };

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
    await say({ text: 'you called?', thread_ts: event.ts });
  });
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
