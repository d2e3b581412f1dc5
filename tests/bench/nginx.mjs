// The references that nginx gives: a plain provider, a pair of proxies with mutual TLS before it, and a server of files.
import { mkdir, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../lib/platform.mjs';
import { run, start, writeText } from './machine.mjs';

const main = (folder, name, http) => `daemon off;
master_process on;
worker_processes 1;
pid ${folder}/${name}.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 3600s;
  tcp_nodelay on;
  client_body_buffer_size 64k;
  client_body_temp_path ${folder}/${name}-body;
  proxy_temp_path ${folder}/${name}-proxy;
  fastcgi_temp_path ${folder}/${name}-fastcgi;
  uwsgi_temp_path ${folder}/${name}-uwsgi;
  scgi_temp_path ${folder}/${name}-scgi;
${http}
}
`;

const upstream = (port) => `  upstream next {
    server 127.0.0.1:${port};
    keepalive 256;
    keepalive_requests 1000000000;
    keepalive_timeout 3600s;
  }`;

const pass = 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;';

async function nginx(folder, name, http) {
  const path = await writeText(join(folder, `${name}.conf`), main(folder, name, http));
  return start('nginx', ['-e', 'stderr', '-c', path]);
}

/** An authority of its own, and a certificate for each of the two proxies: P-256, as the gateways have. */
async function certificates(folder) {
  const openssl = (...args) => run('openssl', args, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl('req', '-x509', ...key, '-keyout', 'authority.key', '-out', 'authority.pem', '-days', '2', '-subj', '/CN=bench');
  for (const name of ['consumer', 'provider']) {
    await openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    await openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial', '-days', '2', '-out', `${name}.pem`);
  }
}

async function folderOf(folder, name) {
  const own = join(folder, name);
  await mkdir(own, { recursive: true });
  await chmod(own, 0o755);
  return own;
}

/** A provider that answers every request with the same bytes; its port. */
export async function providerStart(folder, answer) {
  const own = await folderOf(folder, 'provider');
  const port = await freePorts(1);
  await nginx(own, 'provider', `  server {
    listen 127.0.0.1:${port};
    location / { default_type application/json; return 200 '${answer}'; }
  }`);
  return port;
}

/** Two proxies before a provider, TLS 1.3 with client certificates between them, connections kept; the port of the consumer's. */
export async function pairStart(folder, providerPort) {
  const own = await folderOf(folder, 'pair');
  await certificates(own);
  const port = await freePorts(2);
  await nginx(own, 'far', `${upstream(providerPort)}
  server {
    listen 127.0.0.1:${port + 1} ssl;
    ssl_protocols TLSv1.3;
    ssl_certificate ${own}/provider.pem;
    ssl_certificate_key ${own}/provider.key;
    ssl_client_certificate ${own}/authority.pem;
    ssl_verify_client on;
    location / { proxy_pass http://next; ${pass} }
  }`);
  await nginx(own, 'near', `${upstream(port + 1)}
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass https://next; ${pass}
      proxy_ssl_protocols TLSv1.3;
      proxy_ssl_certificate ${own}/consumer.pem;
      proxy_ssl_certificate_key ${own}/consumer.key;
      proxy_ssl_trusted_certificate ${own}/authority.pem;
      proxy_ssl_verify on;
      proxy_ssl_name provider;
    }
  }`);
  return port;
}

/** Serves one file as /page.html; {port, pid}. */
export async function filesStart(folder, content) {
  const own = await folderOf(folder, 'files');
  await writeText(join(own, 'page.html'), content);
  const port = await freePorts(1);
  const child = await nginx(own, 'files', `  sendfile on;
  open_file_cache max=16;
  server {
    listen 127.0.0.1:${port};
    root ${own};
    types { text/html html; }
  }`);
  return { port, pid: child.pid };
}
