// A PostgreSQL of a test's own, which it may stop, start and look into. It syncs where the test asks what is lost.
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../lib/platform.mjs';

const version = (() => { try { return readdirSync('/usr/lib/postgresql').sort((a, b) => b - a)[0]; } catch { return undefined; } })();
const bin = `/usr/lib/postgresql/${version}/bin`;
/** What a test that needs a cluster is skipped for, or false. */
export const noCluster = version ? false : 'PostgreSQL\'s server is not installed';

export class Cluster {
  async make({ sync = true } = {}) {
    this.folder = await mkdtemp(join(tmpdir(), 'truc-cluster-'));
    await chmod(this.folder, 0o711);
    this.port = await freePorts(1);
    this.user = process.getuid() === 0 ? 'truc-test' : undefined;
    if (this.user) {
      try { execFileSync('id', ['-u', this.user], { stdio: 'ignore' }); } catch { execFileSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', this.user]); }
    }
    mkdirSync(join(this.folder, 'run'));
    this.own(join(this.folder, 'run'));
    this.run('initdb', '-D', this.data, '-U', 'truc', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync');
    const settings = ['listen_addresses = \'127.0.0.1\'', 'unix_socket_directories = \'\'', 'max_connections = 300', 'shared_buffers = 32MB', `port = ${this.port}`, ...(sync ? [] : ['fsync = off'])];
    writeFileSync(join(this.data, 'postgresql.auto.conf'), `${settings.join('\n')}\n`);
    this.start();
    return this;
  }

  get data() { return join(this.folder, 'run/data'); }
  get conninfo() { return `host=127.0.0.1 port=${this.port} user=truc dbname=postgres`; }
  own(path) { if (this.user) chownSync(path, Number(execFileSync('id', ['-u', this.user])), Number(execFileSync('id', ['-g', this.user]))); }
  run(program, ...words) {
    const prefix = this.user ? ['setpriv', '--reuid', this.user, '--regid', String(execFileSync('id', ['-g', this.user])).trim(), '--clear-groups', '--inh-caps=-all'] : [];
    const all = [...prefix, join(bin, program), ...words];
    execFileSync(all[0], all.slice(1), { stdio: ['ignore', 'ignore', 'ignore'], cwd: '/' });
  }
  start() { this.run('pg_ctl', '-D', this.data, '-w', '-l', join(this.folder, 'run/log'), 'start'); }
  stop() { this.run('pg_ctl', '-D', this.data, '-m', 'immediate', 'stop'); }
  /** Rows as lists of texts. */
  rows(sql) {
    const text = execFileSync(join(bin, 'psql'), ['-At', '-F', '\t', this.conninfo, '-c', sql], { encoding: 'utf8' }).trim();
    return text ? text.split('\n').map((line) => line.split('\t')) : [];
  }
  async end() {
    try { this.stop(); } catch { /* it is down */ }
    await rm(this.folder, { recursive: true, force: true });
  }
}
