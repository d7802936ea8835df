'use strict';
// Starts the sandbox workspace for a test and speaks to it as people do.
const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');

async function startWorkspace(...args) {
  const binary = process.env.SANDBOX_SERVER;
  if (!binary) throw new Error('SANDBOX_SERVER names the sandbox_server binary');
  const child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const line = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`sandbox_server ended with ${code}`)));
  });
  return new Workspace(JSON.parse(line), child, ended);
}

class Workspace {
  constructor(where, child, ended) {
    Object.assign(this, { ...where, child, ended });
  }

  async stop() {
    this.child.stdin.end();
    return this.ended;
  }

  async post(path, body) {
    const response = await fetch(`${this.page_url}page/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.json();
  }

  act(action, fields) {
    return this.post('act', { do: action, ...fields });
  }

  fault(fault, fields = {}) {
    return this.post('fault', { do: fault, ...fields });
  }

  async get(path) {
    return (await fetch(`${this.page_url}page/${path}`)).json();
  }

  state(user) {
    return this.get(`state?user=${user}`);
  }

  log() {
    return this.get('log');
  }

  // What `look` returns, once it is something; asked again after each change of the workspace.
  async until(look, what, patience = 15000) {
    const signal = AbortSignal.timeout(patience);
    let after = 0;
    for (;;) {
      const { sequence } = await this.changed(after, signal, what);
      const found = await look();
      if (found) return found;
      after = sequence;
    }
  }

  async changed(after, signal, what) {
    try {
      return await (await fetch(`${this.page_url}page/wait?after=${after}`, { signal })).json();
    } catch (error) {
      if (signal.aborted) throw new Error(`waited in vain for ${what}`);
      throw error;
    }
  }
}

module.exports = { startWorkspace };
