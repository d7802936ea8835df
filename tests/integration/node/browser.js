'use strict';
// A real browser with windows for several people of a workspace.
const { mkdtemp, rm, mkdir } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const puppeteer = require('puppeteer-core');

const testId = (name) => `[data-testid="${name}"]`;

const sees = (page, text, within = testId('messages')) => page.waitForFunction(
  (selector, wanted) => document.querySelector(selector)?.textContent.includes(wanted), {}, within, text);

class Browser {
  constructor(workspace, profile, browser) {
    Object.assign(this, { workspace, profile, browser, complaints: [], requests: [] });
  }

  async open(user, { width = 1280, height = 820, dark = false } = {}) {
    const context = await this.browser.createBrowserContext();
    const page = await context.newPage();
    page.setDefaultTimeout(15000);
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
    page.on('pageerror', (error) => this.complaints.push(`${user}: ${error.message}`));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(`${user}: ${message.text()}`));
    page.on('request', (request) => this.requests.push(request.url()));
    page.on('dialog', (dialog) => {
      this.complaints.push(`${user}: a dialog said ${dialog.message()}`);
      dialog.dismiss();
    });
    await page.goto(`${this.workspace.page_url}?user=${user}`, { waitUntil: 'load' });
    await page.waitForSelector(testId('composer'));
    await page.waitForFunction(() => document.querySelector('[data-testid="link-state"]')?.textContent === 'the app is connected');
    return page;
  }

  // Pictures of each step are kept in the folder that SCREENSHOTS names.
  async shot(page, name) {
    const folder = process.env.SCREENSHOTS;
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`) });
  }

  async close() {
    await this.browser.close();
    await rm(this.profile, { recursive: true, force: true });
  }
}

async function startBrowser(workspace) {
  const profile = await mkdtemp(join(tmpdir(), 'jitbot-page-'));
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    userDataDir: profile,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  return new Browser(workspace, profile, browser);
}

module.exports = { startBrowser, testId, sees };
