import Fastify from 'fastify';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A bare Fastify that gives the bytes it finds in a directory, a file a path: `bare.ts <directory> <port>`. */
const [directory = '', port = ''] = process.argv.slice(2);
const app = Fastify({ logger: false });
for (const name of readdirSync(directory)) {
  const body = readFileSync(path.join(directory, name), 'utf8');
  app.get(`/${name}`, (_, reply) => reply.type('text/html; charset=utf-8').send(body));
}
await app.listen({ port: Number(port), host: '127.0.0.1' });
process.stdout.write('ready\n');
