import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

type State = 'open' | 'cut' | 'blackhole';

/** A TCP proxy on a port of its own: a line that can be cut, or swallow whatever is sent. */
export class Link {
  private state: State = 'open';
  /** Bytes towards the target until the line is cut; null: it is not. */
  private left: number | null = null;
  private readonly pairs = new Set<readonly [Socket, Socket]>();

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on('connection', (near) => this.accept(near));
  }

  /** Listens on a free port of loopback and passes on to another there. */
  static async to(target: number): Promise<Link> {
    const server = createServer({ allowHalfOpen: false });
    const link = new Link(server, target);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return link;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends every connection and refuses new ones until it is opened. */
  cut(): void {
    this.state = 'cut';
    this.reset();
  }

  /** Cuts the line once so many more bytes have been sent towards the target: in the middle of whatever it is. */
  cutAfter(bytes: number): void {
    this.left = bytes;
  }

  /** From now on nothing gets through and nobody is told; new connections are taken and hear nothing. */
  swallow(): void {
    this.state = 'blackhole';
    for (const sockets of this.pairs) for (const socket of sockets) socket.pause();
  }

  /** As it should be again. @param then whether what was held back arrives late, or every connection is reset */
  open(then: 'resumes' | 'resets' = 'resumes'): void {
    const was = this.state;
    this.state = 'open';
    if (was !== 'blackhole') return;
    if (then === 'resets') return this.reset();
    for (const sockets of this.pairs) for (const socket of sockets) socket.resume();
  }

  async close(): Promise<void> {
    this.reset();
    this.server.close();
    await once(this.server, 'close');
  }

  private reset(): void {
    for (const sockets of this.pairs) for (const socket of sockets) socket.resetAndDestroy();
    this.pairs.clear();
  }

  private isUsedUp(bytes: number): boolean {
    if (this.left === null) return false;
    this.left -= bytes;
    if (this.left >= 0) return false;
    this.left = null;
    return true;
  }

  private accept(near: Socket): void {
    if (this.state === 'cut') return void near.resetAndDestroy();
    const far = connect(this.target, '127.0.0.1');
    const pair = [near, far] as const;
    this.pairs.add(pair);
    const end = () => {
      this.pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const [from, to] of [pair, [far, near] as const]) {
      from.setNoDelay(true);
      from.on('error', end).on('close', end);
      from.on('data', (piece: Buffer) => {
        if (from === near && this.isUsedUp(piece.length)) return this.cut();
        if (!to.destroyed && !to.write(piece)) from.pause();
      });
      to.on('drain', () => {
        if (this.state === 'open') from.resume();
      });
    }
    if (this.state === 'blackhole') for (const socket of pair) socket.pause();
  }
}
