import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NGINX = '/usr/sbin/nginx';

/** Whether a proxy and what makes its certificate are on this machine. */
export const nginxHere = (): boolean => existsSync(NGINX) && existsSync('/usr/bin/openssl');

/** A proxy with TLS before a port of this machine. */
export interface Proxy {
  stop(): Promise<void>;
}

/** Starts it as docs/HOSTING.md says: below a path of a name, with a certificate that was made here. */
export async function startNginx(name: string, { port, path, to }: { port: number; path: string; to: number }) {
  const dir = mkdtempSync(join(tmpdir(), 'nginx-'));
  mkdirSync(join(dir, 'tmp'));
  execFileSync(
    '/usr/bin/openssl',
    `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${name} -addext subjectAltName=DNS:${name}`
      .split(' ')
      .concat('-keyout', join(dir, 'key.pem'), '-out', join(dir, 'cert.pem')),
    { stdio: 'ignore' },
  );
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; master_process off; pid ${dir}/pid; error_log ${dir}/error.log; worker_processes 1;
events { worker_connections 64; }
http {
  access_log off;
  ${temporary.map((one) => `${one}_temp_path ${dir}/tmp/${one};`).join(' ')}
  server {
    listen 127.0.0.1:${port} ssl;
    server_name ${name};
    ssl_certificate ${dir}/cert.pem;
    ssl_certificate_key ${dir}/key.pem;
    location ${path}/ {
      proxy_pass http://127.0.0.1:${to};
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
    }
  }
}
`,
  );
  const started = spawn(NGINX, ['-c', join(dir, 'nginx.conf')], { stdio: 'ignore' });
  await listens(port, started);
  return {
    stop: () =>
      new Promise<void>((resolve) => {
        started.once('exit', () => {
          rmSync(dir, { recursive: true, force: true });
          resolve();
        });
        started.kill('SIGTERM');
      }),
  } satisfies Proxy;
}

async function listens(port: number, started: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (started.exitCode !== null) throw new Error(`nginx ended with ${started.exitCode}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = createConnection({ port, host: '127.0.0.1' }, () => resolve(true)).on('error', () =>
        resolve(false),
      );
      socket.on('connect', () => socket.end());
    });
    if (open) return;
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
  throw new Error(`nginx does not listen on ${port}`);
}
