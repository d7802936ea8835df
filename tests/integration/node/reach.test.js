'use strict';
// The page by keyboard alone, at a telephone's width, in the dark and in the light.
const { after, before, test } = require('node:test');
const assert = require('node:assert/strict');
const { startWorkspace } = require('./workspace.js');
const { startBot } = require('./bot.js');
const { startBrowser, testId: id, sees } = require('./browser.js');

let workspace;
let bot;
let browser;

const looks = [
  { name: 'phone-light', width: 360, height: 740, dark: false },
  { name: 'phone-dark', width: 360, height: 740, dark: true },
  { name: 'desk-light', width: 1280, height: 820, dark: false },
  { name: 'desk-dark', width: 1280, height: 820, dark: true },
];

// --- what the page is asked about itself

// Where the keyboard is, as a reader with a screen reader is told.
const focused = (page) => page.evaluate(() => {
  const node = document.activeElement;
  const label = node.labels?.[0]?.textContent ?? node.getAttribute('aria-label') ?? node.textContent;
  return { testid: node.dataset.testid ?? '', tag: node.tagName, label: label.trim().slice(0, 60) };
});
const focusIs = (page, name) => page.waitForFunction((wanted) => document.activeElement?.dataset?.testid === wanted, {}, name);

// Whether the focused element is marked by more than the browser's caret.
const focusShows = (page) => page.evaluate(() => {
  const marked = (node) => node && getComputedStyle(node).outlineStyle !== 'none' && parseFloat(getComputedStyle(node).outlineWidth) >= 2;
  const node = document.activeElement;
  return marked(node) || marked(node.closest('.composer-box'));
});

// Text whose contrast against what lies behind it is below WCAG's AA.
const faint = (page) => page.evaluate(() => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3]));
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      layers.push(color);
      if (color[3] >= 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const light = (color) => {
    const [r, g, b] = color.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const out = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const node = walker.currentNode.parentElement;
    if (!text || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || node.closest('[inert], .sign')) continue;
    const style = getComputedStyle(node);
    const below = behind(node);
    const [a, b] = [light(over(rgba(style.color), below)), light(below)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) out.push(`${ratio.toFixed(2)} ${text.slice(0, 30)} (${node.className || node.tagName})`);
  }
  return out;
});

// What is wider than the screen, or has to be moved sideways.
const tooWide = (page) => page.evaluate(() => {
  const out = [];
  if (document.documentElement.scrollWidth > window.innerWidth) out.push('the page');
  for (const node of document.querySelectorAll('body *')) {
    if (!node.checkVisibility({ visibilityProperty: true }) || node.closest('.spoken-only, .skip, option, svg')) continue;
    const box = node.getBoundingClientRect();
    if (box.width > 0 && (box.right > window.innerWidth + 0.5 || box.left < -0.5)) out.push(`${node.tagName}.${node.className} ${Math.round(box.left)}–${Math.round(box.right)}`);
  }
  return out;
});

// What a finger misses, and controls that say nothing of what they are.
const tooSmall = (page) => page.evaluate(() => [...document.querySelectorAll('button, select, input:not([type="checkbox"], [type="radio"]), textarea')]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest('.spoken-only'))
  .map((node) => [node, node.getBoundingClientRect()])
  .filter(([, box]) => box.height < 36 || box.width < 36)
  .map(([node, box]) => `${node.dataset.testid ?? node.id} ${Math.round(box.width)}×${Math.round(box.height)}`));
const nameless = (page) => page.evaluate(() => [...document.querySelectorAll('button, select, input, textarea, [role="listbox"], [role="dialog"]')]
  .filter((node) => node.checkVisibility())
  .filter((node) => {
    const by = node.getAttribute('aria-labelledby');
    const name = node.getAttribute('aria-label') ?? (by && document.getElementById(by)?.textContent) ?? node.labels?.[0]?.textContent ?? node.textContent;
    return name.trim() === '';
  }).map((node) => node.outerHTML.slice(0, 90)));

async function comfortable(page, look, what) {
  assert.deepEqual(await tooWide(page), [], `${what} fits at ${look.width} px`);
  assert.deepEqual(await faint(page), [], `${what} can be read, ${look.name}`);
  assert.deepEqual(await nameless(page), [], `${what} says what its controls are`);
  if (look.width < 720) assert.deepEqual(await tooSmall(page), [], `${what} can be hit with a finger`);
}

// --- by keyboard

const press = async (page, ...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};
async function chord(page, modifier, key) {
  await page.keyboard.down(modifier);
  await page.keyboard.press(key);
  await page.keyboard.up(modifier);
}
async function tabTo(page, name, most = 40) {
  for (let i = 0; i < most; i += 1) {
    await page.keyboard.press('Tab');
    const at = await focused(page);
    assert.ok(await focusShows(page), `the focus can be seen on ${JSON.stringify(at)}`);
    if (at.testid === name) return;
  }
  assert.fail(`Tab never reaches ${name}`);
}
const options = (page, name) => page.$$eval(`[data-testid="${name}-popup"] [role="option"]`, (nodes) => nodes.map((node) => node.dataset.value));
const offers = (page, name, value) => page.waitForFunction((popup, wanted) =>
  [...document.querySelectorAll(`[data-testid="${popup}-popup"] [role="option"]`)].some((node) => node.dataset.value === wanted), {}, name, value);

async function openFormByKey(page) {
  await chord(page, 'Control', '/');
  await page.waitForSelector(id('modal'));
  await focusIs(page, 'input-resource');
}

before(async () => {
  workspace = await startWorkspace();
  bot = await startBot(workspace);
  browser = await startBrowser(workspace);
});

after(async () => {
  await browser?.close();
  await bot?.stop();
  const code = await workspace?.stop();
  assert.equal(code, 0);
});

test('access is asked for with the keyboard alone', async () => {
  const page = await browser.open('alice');
  await page.focus(id('composer'));
  await openFormByKey(page);
  assert.ok(await page.$eval('#frame', (node) => node.inert), 'what lies behind cannot be reached');
  assert.equal(await page.$eval(id('input-resource'), (node) => node.getAttribute('role')), 'combobox');
  await page.keyboard.type('pay');
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="input-resource-popup"] [role="option"]').length === 2);
  assert.deepEqual(await options(page, 'input-resource'), ['payments-db', 'payments-web']);
  await press(page, 'ArrowDown');
  const active = await page.$eval(id('input-resource'), (node) => document.getElementById(node.getAttribute('aria-activedescendant'))?.dataset.value);
  assert.equal(active, 'payments-web');
  await press(page, 'ArrowDown', 'Enter');
  await sees(page, 'payments-db needs one approver', id('modal'));
  assert.equal(await page.$eval(id('input-resource'), (node) => node.value), 'payments-db');
  assert.equal((await focused(page)).testid, 'input-resource', 'the keyboard is where it was');
  await tabTo(page, 'input-role', 1);
  await page.keyboard.type('ed');
  await tabTo(page, 'input-duration', 1);
  await tabTo(page, 'input-for', 1);
  await page.keyboard.type('bob');
  await press(page, 'Enter'); // before there is an answer: the first that comes
  await page.waitForFunction(() => document.querySelector('[data-testid="input-for"]').value === '@bob');
  await tabTo(page, 'input-reason', 1);
  await page.keyboard.type('no');
  await chord(page, 'Control', 'Enter');
  await page.waitForSelector(id('error-reason'));
  await focusIs(page, 'input-reason');
  assert.equal(await page.$eval(id('input-reason'), (node) => node.getAttribute('aria-invalid')), 'true');
  await page.keyboard.type(', INC-7');
  await tabTo(page, 'modal-cancel', 1);
  await tabTo(page, 'modal-submit', 1);
  await tabTo(page, 'modal-close', 1); // round, not out
  await chord(page, 'Shift', 'Tab');
  await press(page, 'Enter');
  await page.waitForFunction(() => !document.querySelector('[data-testid="modal"]'));
  await focusIs(page, 'composer');
  const [values] = bot.log.asked;
  assert.equal(values.resource.resource_pick.selected_option.value, 'payments-db');
  assert.equal(values.role.role_pick.selected_option.value, 'editor');
  assert.equal(values.for.person_pick.selected_user, 'U0BOB0001');
  assert.equal(values.duration.typed.value, '1h');
  assert.equal(values.reason.typed.value, 'no, INC-7');
});

test('the search says when nothing fits and when it could not be loaded; Escape closes one thing at a time', async () => {
  const page = await browser.open('carol');
  await page.focus(id('composer'));
  await openFormByKey(page);
  const popup = '[data-testid="input-resource-popup"]';
  await press(page, 'ArrowDown');
  await offers(page, 'input-resource', 'staging');
  await page.keyboard.type('zzz');
  await sees(page, 'Nothing found', popup);
  await press(page, 'Escape');
  assert.equal(await page.$eval(popup, (node) => node.hidden), true);
  assert.ok(await page.$(id('modal')), 'the form is still there');
  assert.equal(await page.$eval(id('input-resource'), (node) => node.value), '');
  await page.keyboard.type('silence');
  await sees(page, 'could not be loaded', popup);
  await press(page, 'Escape', 'Escape');
  await page.waitForFunction(() => !document.querySelector('[data-testid="modal"]'));
  await focusIs(page, 'composer');
});

test('options in groups are named by their group, and the arrows go through all of them', async () => {
  const page = await browser.open('gina');
  await openFormByKey(page);
  await page.keyboard.type('kinds');
  await offers(page, 'input-resource', 'search');
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="input-resource-popup"] [role="group"]').length === 2);
  const groups = await page.$$eval('[data-testid="input-resource-popup"] [role="group"]', (nodes) =>
    nodes.map((node) => [document.getElementById(node.getAttribute('aria-labelledby')).textContent, node.querySelectorAll('[role="option"]').length]));
  assert.deepEqual(groups, [['Databases', 2], ['Sites', 2]]);
  await browser.shot(page, 'modal-groups');
  await press(page, 'ArrowUp', 'Enter'); // from the first round to the last
  await page.waitForFunction(() => document.querySelector('[data-testid="input-resource"]').value === 'search');
  await sees(page, 'search needs one approver', id('modal'));
  await press(page, 'Escape');
  await page.waitForFunction(() => !document.querySelector('[data-testid="modal"]'));
});

test('what was typed stays when the app changes the form', async () => {
  const page = await browser.open('dave');
  await openFormByKey(page);
  await page.type(id('input-reason'), 'INC-9 at night');
  await page.select(id('input-role'), 'admin');
  await page.focus(id('input-resource'));
  await page.keyboard.type('produ');
  await page.waitForSelector('[data-testid="input-resource-popup"] [aria-selected="true"][data-value="production"]');
  await press(page, 'Tab');
  await sees(page, 'production needs one approver', id('modal'));
  assert.equal(await page.$eval(id('input-reason'), (node) => node.value), 'INC-9 at night');
  assert.equal(await page.$eval(id('input-role'), (node) => node.value), '', 'admin is not offered for production');
  assert.equal(bot.log.picked.at(-1), 'production');
});

test('Home is opened, pressed and left with the keyboard', async () => {
  const page = await browser.open('erin');
  await tabTo(page, 'app-home');
  await press(page, 'Enter');
  await sees(page, 'What you have', id('home'));
  assert.deepEqual(bot.log.homes.at(-1), ['U0ERIN001', 'home']);
  await tabTo(page, 'button-refresh');
  await press(page, 'Enter');
  await sees(page, 'You pressed 1 times', id('home'));
  await focusIs(page, 'button-refresh');
  await chord(page, 'Shift', 'Tab');
  await focusIs(page, 'button-ask_home');
  await press(page, 'Enter');
  await page.waitForSelector(id('modal'));
  await press(page, 'Escape');
  await page.waitForFunction(() => !document.querySelector('[data-testid="modal"]'));
  await focusIs(page, 'button-ask_home');
  await page.focus(id('tab-messages'));
  await press(page, 'Enter');
  await workspace.until(() => bot.log.homes.some(([user, tab]) => user === 'U0ERIN001' && tab === 'messages'), 'the messages tab');
});

test('a thread is read and answered with the keyboard, and a command there is explained', async () => {
  const page = await browser.open('bob');
  const said = await workspace.act('say', { user: 'carol', channel: '#general', text: 'who looks at this?' });
  await sees(page, 'who looks at this?');
  await page.focus('#messages');
  await press(page, 'ArrowUp');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.ts), said.ts);
  await tabTo(page, 'open-thread', 1);
  await press(page, 'Enter');
  await focusIs(page, 'thread-composer');
  await page.keyboard.type('/jit mine');
  await press(page, 'Enter');
  await sees(page, 'does not work in threads', id('thread'));
  assert.equal(await page.$eval(id('thread-composer'), (node) => node.value), '/jit mine');
  await chord(page, 'Control', 'a');
  await page.keyboard.type('@ji');
  await page.waitForFunction(() => !document.querySelector('[data-testid="thread-composer-completion"]').hidden);
  await press(page, 'Tab');
  await page.keyboard.type('mine');
  await press(page, 'Enter');
  await sees(page, 'I heard you.', id('thread'));
  assert.equal(bot.log.mentions[0].thread_ts, said.ts);
  assert.equal(bot.log.mentions[0].text, '<@U0JITBOT1> mine');
  await page.waitForFunction(() => document.querySelector('#messages .replies .count')?.textContent === '2 replies');
  await press(page, 'Escape');
  await page.waitForFunction(() => document.querySelector('[data-testid="thread"]').hidden);
  await focusIs(page, 'open-thread');
  const texts = (await workspace.state('bob')).messages.C0GENERAL.filter((message) => message.thread_ts === said.ts).map((message) => message.text);
  assert.deepEqual(texts, ['who looks at this?', '<@U0JITBOT1> mine', '<@U0BOB0001> I heard you.']);
});

test('F6 goes round the regions and Alt with an arrow to the next conversation', async () => {
  const page = await browser.open('alice');
  await page.focus(id('composer'));
  await press(page, 'F6');
  assert.equal(await page.evaluate(() => Boolean(document.activeElement.closest('#sidebar'))), true);
  await press(page, 'F6');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'messages');
  await press(page, 'F6');
  await focusIs(page, 'composer');
  await chord(page, 'Alt', 'ArrowDown');
  await sees(page, 'staging-approvals', id('channel-title'));
  await focusIs(page, 'composer');
});

test('on a telephone the list of conversations covers the rest until Escape', async () => {
  const page = await browser.open('alice', { width: 360, height: 740 });
  await tabTo(page, 'open-sidebar', 4);
  await press(page, 'Enter');
  await focusIs(page, 'identity');
  assert.equal(await page.$eval('#main', (node) => node.inert), true);
  await press(page, 'Escape');
  await focusIs(page, 'open-sidebar');
  assert.equal(await page.$eval('#main', (node) => node.inert), false);
});

for (const look of looks) {
  test(`everything fits and can be read: ${look.name}`, async () => {
    const page = await browser.open('carol', look);
    const picture = (name) => browser.shot(page, `${name}-${look.name}`);
    await chord(page, 'Alt', 'ArrowDown');
    await sees(page, 'staging-approvals', id('channel-title'));
    await workspace.act('command', { user: 'alice', channel: '#staging-approvals', text: `request staging 1h INC-7 ${'averylongwordwithoutanyspace'.repeat(3)}` });
    const { ts: root } = await workspace.act('say', { user: 'gina', channel: '#staging-approvals', text: 'I can see what happens here. @carol, will you look at this? https://example.com/a/very/long/address/that/does/not/end/soon' });
    await page.waitForSelector(`[data-ts="${root}"]`);
    await comfortable(page, look, 'the conversation');
    await picture('conversation');
    await workspace.act('say', { user: 'bob', channel: '#staging-approvals', thread_ts: root, text: 'On it.' });
    await workspace.act('say', { user: 'alice', channel: '#staging-approvals', thread_ts: root, text: '@jit who staging' });
    await sees(page, '3 replies', `[data-ts="${root}"]`);
    await page.click(`[data-ts="${root}"] [data-testid="open-thread"]`);
    await sees(page, 'On it.', id('thread'));
    await comfortable(page, look, 'the thread');
    await picture('thread');
    await press(page, 'Escape');
    await openFormByKey(page);
    await page.keyboard.type('service-0');
    await offers(page, 'input-resource', 'service-007');
    await comfortable(page, look, 'the form');
    await picture('modal-search');
    await press(page, 'Escape');
    await page.$eval('#modal-reason', (node) => node.scrollIntoView());
    await picture('modal-end');
    await press(page, 'Escape');
    await page.waitForFunction(() => !document.querySelector('[data-testid="modal"]'));
    if (look.width < 720) {
      await page.click(id('open-sidebar'));
      await page.waitForFunction(() => document.querySelector('#sidebar').getBoundingClientRect().left === 0);
      await comfortable(page, look, 'the list of conversations');
      await picture('conversations');
    }
    await page.click(id('app-home'));
    await sees(page, 'What you have', id('home'));
    await page.waitForFunction(() => document.querySelector('#sidebar').getAnimations().length === 0);
    await comfortable(page, look, 'Home');
    await picture('home');
    await page.click(id('open-drawer'));
    await page.waitForSelector(id('fault-drop'));
    await comfortable(page, look, 'the workspace drawer');
    await picture('drawer');
  });
}

test('nothing jumps while it is drawn', async () => {
  const page = await browser.open('alice');
  await page.evaluate(() => {
    window.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (!entry.hadRecentInput) window.shifts.push([entry.value, ...entry.sources.map((source) => source.node?.className ?? '')]);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await openFormByKey(page);
  await page.keyboard.type('stag');
  await offers(page, 'input-resource', 'staging');
  await press(page, 'Escape', 'Escape');
  await page.waitForFunction(() => !document.querySelector('[data-testid="modal"]'));
  const shifts = await page.evaluate(() => window.shifts);
  const total = shifts.reduce((sum, [value]) => sum + value, 0);
  assert.ok(total < 0.02, `layout shifts: ${JSON.stringify(shifts)}`);
});

test('the page asks nobody but its own server, and the browser complains of nothing', () => {
  const elsewhere = browser.requests.filter((url) => !url.startsWith(workspace.page_url) && !url.startsWith('data:'));
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(browser.complaints, []);
});
