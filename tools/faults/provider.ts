import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { D, toText, type Decimal } from '../../src/domain/money.js';
import type { IsoDate } from '../../src/domain/types.js';
import type { ProviderFault } from './kinds.js';

interface Row {
  date: IsoDate;
  figures: string[];
}

/**
 * A provider over HTTP that answers as Tiingo does, from the files of a drop folder as they are at that moment: what is
 * wrong with a file is wrong with the answer. Its next answers can be made to fail in other ways.
 */
export class Provider {
  private failing: { what: ProviderFault; left: number } | null = null;

  private constructor(
    private readonly server: Server,
    private readonly folder: string,
  ) {
    server.on('request', (request, response) => this.answer(request, response));
  }

  static async open(folder: string): Promise<Provider> {
    const server = createServer();
    const provider = new Provider(server, folder);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return provider;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** So many of the next requests are answered so. */
  fail(what: ProviderFault, requests: number): void {
    this.failing = { what, left: requests };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.failing && this.failing.left-- > 0) return failedAnswer(this.failing.what, request, response);
    const url = new URL(request.url ?? '', 'http://provider');
    const symbol = /^\/tiingo\/daily\/([^/]+)\/prices$/.exec(url.pathname)?.[1];
    if (symbol === undefined) return send(response, 404, '{"detail":"Not found."}');
    const [from, to] = [url.searchParams.get('startDate') ?? '', url.searchParams.get('endDate') ?? ''];
    const { status, body } = this.pricesOf(decodeURIComponent(symbol), from, to);
    send(response, status, body);
  }

  private pricesOf(symbol: string, from: IsoDate, to: IsoDate): { status: number; body: string } {
    let text: string;
    try {
      text = readFileSync(join(this.folder, `${symbol}.csv`), 'utf8');
    } catch {
      return { status: 404, body: '{"detail":"Error: Ticker not found"}' };
    }
    if (!text.startsWith('Date,')) return { status: 200, body: text };
    const rows = text.trimEnd().split('\n').slice(1).map(rowOf);
    const body = JSON.stringify(this.tiingoRows(symbol, rows).filter(({ date }) => date >= from && date <= `${to}T99`));
    return { status: 200, body: text.endsWith('\n') ? body : body.slice(0, -20) };
  }

  /** Prices are raw; the adjusted close is moved back over every dividend and split that is known. */
  private tiingoRows(symbol: string, rows: readonly Row[]): ({ date: string } & Record<string, unknown>)[] {
    const [dividends, splits] = [this.actionsOf('dividends.csv', symbol), this.actionsOf('splits.csv', symbol)];
    let factor: Decimal = D(1);
    return rows
      .map(({ date, figures }, index) => ({ date, figures, before: rows[index - 1]?.figures[3] }))
      .toReversed()
      .map(({ date, figures: [open, high, low, close, volume], before }) => {
        const [paid, ratio] = [dividends.get(date) ?? '0', splits.get(date) ?? '1'];
        const adjClose = isNumber(close) ? toText(D(close).times(factor).toDecimalPlaces(6)) : null;
        if (isNumber(before) && D(before).gt(0)) factor = factor.times(D(1).minus(D(paid).div(before)));
        factor = factor.div(ratio);
        return {
          date: `${date}T00:00:00.000Z`,
          ...numbered({ open, high, low, close, volume, adjClose, divCash: paid, splitFactor: ratio }),
        };
      })
      .toReversed();
  }

  private actionsOf(file: string, symbol: string): Map<IsoDate, string> {
    const rows = readFileSync(join(this.folder, file), 'utf8').trimEnd().split('\n').slice(1);
    return new Map(
      rows
        .map((row) => row.split(','))
        .filter(([of]) => of === symbol)
        .map(([, exDate = '', value = '0']) => [exDate, value]),
    );
  }
}

function rowOf(line: string): Row {
  const [date = '', ...figures] = line.split(',');
  return { date, figures };
}

const isNumber = (text: string | undefined): text is string => text !== undefined && /^-?\d+(\.\d+)?$/.test(text);

/** Numbers go as JSON's numbers, as the provider sends them; what is none goes as it is. */
const numbered = (fields: Record<string, string | null | undefined>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [name, isNumber(text ?? undefined) ? Number(text) : (text ?? null)]),
  );

function failedAnswer(what: ProviderFault, request: IncomingMessage, response: ServerResponse): void {
  switch (what) {
    case '403':
      return send(response, 403, 'Forbidden');
    case '429':
      response.setHeader('retry-after', '1');
      return send(response, 429, 'Too many requests');
    case '500':
      return send(response, 500, 'Internal Server Error');
    case 'html':
      return send(response, 200, '<!DOCTYPE html><html><body>Please verify you are human</body></html>');
    case 'redirect':
      response.setHeader('location', request.url ?? '/');
      return send(response, 302, '');
    case 'reset':
      return void request.socket.destroy();
    case 'half an answer':
      response.writeHead(200, { 'content-length': '1000' });
      response.write('[{"date":');
      return void setTimeout(() => request.socket.destroy(), 20);
    case 'silence':
      return;
  }
}

function send(response: ServerResponse, status: number, body: string): void {
  response.statusCode = status;
  response.setHeader('content-type', body.startsWith('<') ? 'text/html' : 'application/json');
  response.end(body);
}
