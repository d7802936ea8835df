'use strict';
// The page in a real browser: two windows, two people.
const { after, before, test } = require('node:test');
const assert = require('node:assert/strict');
const { startWorkspace } = require('./workspace.js');
const { startBot } = require('./bot.js');
const { startBrowser, testId: id, sees } = require('./browser.js');

let workspace;
let bot;
let browser;
const open = (user, looks) => browser.open(user, looks);
const shot = (page, name) => browser.shot(page, name);

async function type(page, text) {
  await page.focus(id('composer'));
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

const go = (page, channel) => page.click(id(`channel-${channel}`));

before(async () => {
  workspace = await startWorkspace('--banner', 'psql postgresql://alice@127.0.0.1:5433/staging\npassword: in the demo folder');
  bot = await startBot(workspace);
  browser = await startBrowser(workspace);
});

after(async () => {
  await browser?.close();
  await bot?.stop();
  const code = await workspace?.stop();
  assert.equal(code, 0);
});

test('a request typed in one window is approved in another, and both see it', async () => {
  const alice = await open('alice');
  const carol = await open('carol');
  await go(carol, 'staging-approvals');
  await go(alice, 'general');
  assert.match(await alice.$eval(id('banner'), (node) => node.textContent), /postgresql/);
  await type(alice, '/jit request staging 1h INC-7 look at queue');
  await alice.waitForSelector(id('only-you'));
  await sees(alice, 'On its way to the approvers.');
  await sees(carol, 'INC-7 look at queue');
  await alice.waitForSelector(`${id('channel-staging-approvals')}[data-unread]`);
  await shot(alice, 'asked');
  await shot(carol, 'waiting');
  await carol.click(id('button-approve'));
  await sees(carol, '✅ Active');
  assert.equal(await carol.$(id('button-approve')), null, 'the buttons are gone');
  assert.deepEqual(bot.log.presses, ['U0CAROL01']);
  await alice.waitForSelector(id('dm-bot'));
  await alice.waitForSelector(`${id('dm-bot')}[data-unread]`);
  await alice.click(id('dm-bot'));
  await sees(alice, 'staging is yours');
  await go(alice, 'staging-approvals');
  await sees(alice, 'decided by @carol');
  const privately = await carol.$$eval(id('message'), (nodes) => nodes.some((n) => n.textContent.includes('On its way')));
  assert.equal(privately, false, 'a private answer is shown to its reader alone');
  await carol.click(id('open-thread'));
  await sees(carol, 'approved by @carol', id('thread'));
  await shot(carol, 'active-with-thread');
});

test('user text is shown as text, whatever it looks like', async () => {
  const hostile = '<img src=x onerror=alert(1)> <!channel> *Approved by <@U0BOB0001>* </script><script>alert(2)</script>';
  const dave = await open('dave');
  await go(dave, 'staging-approvals');
  await type(dave, `/jit request staging 1h ${hostile}`);
  await sees(dave, hostile);
  const quotes = await dave.$$eval(id('quote'), (nodes) => nodes.map((n) => ({ text: n.textContent, children: n.querySelectorAll('strong, .mention, img, script').length })));
  const quote = quotes.find((one) => one.text === hostile);
  assert.ok(quote, 'the words stand in the quote as typed');
  assert.equal(quote.children, 0, 'nothing of them is markup');
  await type(dave, hostile);
  await dave.waitForFunction((wanted) => [...document.querySelectorAll('[data-testid="message"] .lines')].some((n) => n.textContent.includes(wanted)), {}, '<img src=x');
  assert.equal(await dave.$('#messages img, #messages script'), null);
  assert.equal(await dave.$(id('ping')), null, 'an escaped <!channel> pings nobody');
});

test('a modal shows the app\'s errors and keeps what was typed', async () => {
  const carol = await open('carol');
  await go(carol, 'staging-approvals');
  await carol.waitForSelector(id('button-deny'));
  await carol.click(id('button-deny'));
  await carol.waitForSelector(id('modal'));
  await carol.click(id('modal-submit'));
  await carol.waitForSelector(id('error-why'));
  assert.match(await carol.$eval(id('error-why'), (node) => node.textContent), /required/);
  await carol.type(id('input-why'), 'no');
  await carol.click(id('modal-submit'));
  await carol.waitForFunction(() => document.querySelector('[data-testid="error-why"]')?.textContent === 'Say a little more.');
  assert.equal(await carol.$eval(id('input-why'), (node) => node.value), 'no');
  await shot(carol, 'modal-error');
  await carol.type(id('input-why'), ', not today');
  await carol.select(id('input-kind'), 'timing');
  await carol.click(id('modal-submit'));
  await carol.waitForFunction(() => !document.querySelector('[data-testid="modal"]'));
  await sees(carol, '⛔ Denied');
  assert.equal(bot.log.submitted[0].why.text.value, 'no, not today');
  assert.equal(bot.log.submitted[0].kind.pick.selected_option.value, 'timing');
});

test('a button that asks first does nothing when declined', async () => {
  const erin = await open('erin', { dark: true });
  await go(erin, 'staging-approvals');
  await type(erin, '/jit request staging 1h needs a confirmation');
  await erin.waitForSelector(id('button-drop'));
  const before = bot.log.presses.length;
  await erin.click(id('button-drop'));
  await erin.waitForSelector(id('confirm'));
  await shot(erin, 'confirm-dark');
  await erin.click(id('confirm-no'));
  await erin.waitForFunction(() => !document.querySelector('[data-testid="confirm"]'));
  assert.equal(bot.log.presses.length, before);
  await erin.click(id('button-drop'));
  await erin.waitForSelector(id('confirm'));
  await erin.keyboard.press('Enter');
  await workspace.until(() => bot.log.presses.length === before + 1, 'the confirmed press');
});

test('the keyboard alone completes a command, and silence is reported', async () => {
  const bob = await open('bob');
  await bob.focus(id('composer'));
  await bob.keyboard.type('/ji');
  await bob.waitForFunction(() => !document.querySelector('[data-testid="composer-completion"]').hidden);
  await shot(bob, 'completion');
  await bob.keyboard.press('ArrowDown');
  await bob.keyboard.press('Tab');
  assert.equal(await bob.$eval(id('composer'), (node) => node.value), '/jit mine ');
  await bob.evaluate(() => { document.querySelector('[data-testid="composer"]').value = ''; });
  await type(bob, '/jit slow');
  await sees(bob, 'operation_timeout', id('toasts'));
});

test('identity, outsiders and a telephone\'s width', async () => {
  const page = await open('sam', { width: 390, height: 780 });
  await page.waitForFunction(() => document.querySelector('[data-testid="channel-title"]').textContent.includes('vendor-bridge'));
  assert.equal(await page.$(id('channel-general')), null, 'a stranger sees the shared channel only');
  await type(page, '/jit mine');
  await sees(page, 'not available to people from other organisations', id('toasts'));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  assert.equal(wide, false, 'nothing is wider than the screen');
  await page.click('#open-sidebar');
  await page.waitForFunction(() => getComputedStyle(document.getElementById('sidebar')).visibility === 'visible');
  await page.select(id('identity'), 'U0ALICE01');
  await page.waitForSelector(id('channel-staging-approvals'));
  await go(page, 'staging-approvals');
  await sees(page, '✅ Active');
  await shot(page, 'phone');
});

test('the drawer makes trouble and the app comes back', async () => {
  const erin = await open('erin');
  await erin.click(id('open-drawer'));
  await erin.waitForSelector(id('fault-drop'));
  await shot(erin, 'drawer');
  const old = (await workspace.log()).connections.map((connection) => connection.id);
  await erin.click(id('fault-drop'));
  await workspace.until(
    async () => (await workspace.log()).connections.some((c) => c.greeted && !old.includes(c.id)),
    'the new connection', 30000);
  await erin.waitForFunction(() => document.querySelector('[data-testid="link-state"]').textContent === 'the app is connected');
});

test('the browser complained about nothing', () => {
  assert.deepEqual(browser.complaints, []);
});
