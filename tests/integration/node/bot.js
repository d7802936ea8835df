'use strict';
// A very small approvals bot on Slack's SDK, so that the page has something to show.
const { App, LogLevel } = require('@slack/bolt');
const { addForms } = require('./forms.js');

const plain = (text) => ({ type: 'plain_text', text, emoji: false });

function card({ state, words, asker, decided }) {
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: `${state} · JIT-7K3F` } },
    {
      type: 'section',
      text: { type: 'mrkdwn', text: `<@${asker}> asks for *staging* : \`viewer\` until <!date^1893456000^{date_short_pretty} {time}|2030-01-01 00:00 UTC>` },
    },
    { type: 'rich_text', elements: [{ type: 'rich_text_quote', elements: [{ type: 'text', text: words }] }] },
    { type: 'context', elements: [{ type: 'mrkdwn', text: decided ? `decided by <@${decided}>` : 'approvers 0/1 · times out in 55 min' }] },
  ];
  if (!decided) {
    blocks.push({
      type: 'actions',
      elements: [
        { type: 'button', style: 'primary', action_id: 'approve', value: words, text: plain('Approve') },
        { type: 'button', style: 'danger', action_id: 'deny', value: words, text: plain('Deny…') },
        {
          type: 'button', action_id: 'drop', value: 'x', text: plain('End now…'),
          confirm: { title: plain('End it?'), text: plain('The access ends at once.'), confirm: plain('End'), deny: plain('Keep') },
        },
      ],
    });
  }
  return blocks;
}

const form = (meta) => ({
  type: 'modal', callback_id: 'deny', private_metadata: meta,
  title: plain('Deny JIT-7K3F'), submit: plain('Deny'), close: plain('Cancel'),
  blocks: [
    { type: 'section', text: { type: 'mrkdwn', text: 'They will be told *why*.' } },
    { type: 'input', block_id: 'why', label: plain('Reason'), hint: plain('At least five characters'), element: { type: 'plain_text_input', action_id: 'text', multiline: true } },
    {
      type: 'input', block_id: 'kind', label: plain('Kind'), optional: true,
      element: { type: 'static_select', action_id: 'pick', options: ['policy', 'timing'].map((value) => ({ text: plain(value), value })) },
    },
  ],
});

async function startBot(workspace) {
  const app = new App({
    token: workspace.bot_token, appToken: workspace.app_token, socketMode: true, logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: workspace.api_url },
  });
  const log = { presses: [], submitted: [], homes: [], searches: [], picked: [], asked: [], mentions: [] };
  addForms(app, log);
  app.command('/jit', async ({ command, ack, client }) => {
    if (command.text.startsWith('slow')) return; // never acknowledged
    await ack({ text: 'On its way to the approvers.' });
    const words = command.text.replace(/^request \S+ \S+ ?/, '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    await client.chat.postMessage({
      channel: 'C0STAGING', text: 'waiting', blocks: card({ state: '⏳ Waiting', words, asker: command.user_id }),
    });
  });
  app.action('approve', async ({ ack, body, action, client }) => {
    await ack();
    log.presses.push(body.user.id);
    await client.chat.update({
      channel: body.channel.id, ts: body.message.ts, text: 'active',
      blocks: card({ state: '✅ Active', words: action.value, asker: 'U0ALICE01', decided: body.user.id }),
    });
    await client.chat.postMessage({ channel: body.channel.id, thread_ts: body.message.ts, text: `approved by <@${body.user.id}>` });
    await client.chat.postMessage({ channel: 'U0ALICE01', text: '*staging* is yours' });
  });
  app.action('drop', async ({ ack }) => {
    await ack();
    log.presses.push('drop');
  });
  app.action('deny', async ({ ack, body, client }) => {
    await ack();
    await client.views.open({ trigger_id: body.trigger_id, view: form(body.message.ts) });
  });
  app.view('deny', async ({ ack, view, body, client }) => {
    const why = view.state.values.why.text.value;
    if (why.length < 5) return ack({ response_action: 'errors', errors: { why: 'Say a little more.' } });
    await ack();
    log.submitted.push(view.state.values);
    return client.chat.update({
      channel: 'C0STAGING', ts: view.private_metadata, text: 'denied',
      blocks: card({ state: '⛔ Denied', words: why, asker: 'U0ALICE01', decided: body.user.id }),
    });
  });
  await app.start();
  return { log, stop: () => app.stop() };
}

module.exports = { startBot };
