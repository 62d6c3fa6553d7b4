/**
 * Cheats that the architecture test must see, and honest code that it must leave alone: one a line. They work with names
 * that are given (`at`, `name`, `x` …), so that whatever is seen is the line's own.
 */
const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('# '));

/** What a room without I/O may not do. */
export const IMPURE = lines(`
  # The clock, straight.
  Date.now()
  Date['now']()
  Date[\`now\`]()
  Date[name]()
  Date?.now()
  (Date).now()
  Date!.now()
  (Date as Clock).now()
  (0, Date.now)()
  Date.now.call(Date)
  globalThis.Date.now()
  new Date()
  new Date
  new Date(...none)
  new Date(2014, 4, 30)
  new (Date)()
  new globalThis.Date()
  Date()
  Date(5)
  Date.prototype.constructor
  new globalThis.Date(at)
  globalThis['Date'].now()
  # By another name.
  const now = Date.now;
  const D = Date; new D()
  const { now } = Date; now()
  const { now: n } = Date;
  const { ...all } = Date;
  const { [name]: now } = Date;
  let D; D = Date;
  let n; ({ now: n } = Date);
  f(Date)
  [Date]
  const made = { Date };
  const made = { D: Date };
  class Now extends Date {}
  export { Date };
  export default Date;
  import D = Date;
  Reflect.construct(Date, [])
  typeof Date
  Reflect.get(at, name)
  const g = globalThis;
  new at.constructor()
  at['constructor']
  self.Date
  const { constructor: D } = new Date(at);
  const Date = F; new Date()
  function f(Date) {}
  function f({ process }) {} process.env
  import { Date } from "../x.js";
  declare const Now: D; Now()
  # Other clocks and waits.
  performance.now()
  performance.timeOrigin
  const { now } = performance;
  process.hrtime()
  const { hrtime } = process; hrtime()
  process.uptime()
  process.env
  process
  Temporal.Now.instant()
  new Intl.DateTimeFormat().format()
  Intl.DateTimeFormat().resolvedOptions()
  const { DateTimeFormat } = Intl
  Atomics.wait(a, 0, 0, 1)
  AbortSignal.timeout(1)
  setTimeout(f, 1)
  const wait = setTimeout;
  setInterval(f, 1)
  setImmediate(f)
  queueMicrotask(f)
  globalThis.setTimeout(f, 1)
  f(setTimeout)
  # Luxon.
  DateTime.now()
  DateTime.local()
  DateTime.utc()
  DateTime.fromISO
  DateTime.fromISO(...none)
  import { DateTime } from 'luxon'; DateTime.utc()
  import { Interval } from 'luxon'; Interval.after(at, 1)
  import { Settings as S } from 'luxon'; S.now = f
  import luxon from 'luxon'; luxon.DateTime.now()
  import { DateTime as DT } from 'luxon'; DT.fromISO(at)
  import * as luxon from 'luxon'; luxon.DateTime.fromISO(at)
  import { DateTime } from 'luxon'; DateTime.now()
  import { DateTime } from 'luxon'; const D = DateTime;
  import { DateTime } from 'luxon'; export { DateTime };
  import { DateTime } from 'luxon'; const { now } = DateTime;
  import { DateTime } from 'luxon'; new DateTime({})
  Settings.now = f
  time.diffNow()
  time.toRelative()
  time.toLocal()
  # Chance.
  Math.random()
  const { random } = Math;
  const M = Math; M.random()
  Math['random']()
  Decimal.random()
  crypto.randomUUID()
  crypto.getRandomValues(bytes)
  Buffer.allocUnsafe(8)
  randomUUID()
  # The machine's zone and language.
  date.getHours()
  date['getHours']()
  const { getHours } = date;
  date.setHours(1)
  date.getYear()
  date.getTimezoneOffset()
  date.toLocaleDateString()
  amount.toLocaleString()
  date.toDateString()
  # The world.
  fetch(url)
  console.log(at)
  import.meta.url
  import.meta
  navigator.language
  localStorage.at
  new WebSocket(url)
  structuredClone(x)
  new WeakRef(x)
  new BroadcastChannel(name)
  # Code that is made when the program runs.
  eval('Date.now()')
  (0, eval)('1')
  const run = eval;
  new Function('return Date.now()')()
  Function('return Date')()
  Function\`return 1\`
  (() => {}).constructor('return Date')()
  require(x)
  new Proxy(x, y)
  new WebAssembly.Module(bytes)
  x.__proto__
  setTimeout("f()", 1)
`);

/** What it may. */
export const PURE = lines(`
  new Date(at)
  new Date(at).toISOString()
  Date.parse(at)
  Date.UTC(2014, 4)
  times.map(Date.parse)
  let at: Date;
  const f = (at: Date): Date => at;
  type Clock = typeof Date;
  x as Date
  interface I { Date: string; process: number }
  import type { DateTime as D } from 'luxon'; let d: D;
  import { DateTime } from 'luxon'; DateTime.fromISO(at, { zone }).toMillis(); let d: DateTime<true>;
  import { DateTime } from 'luxon'; DateTime.fromMillis(at).toFormat('HH:mm')
  import { v5 } from 'uuid'; v5(name, space)
  date.getUTCHours()
  Math.max(1, 2)
  Intl.supportedValuesOf('timeZone')
  const now = at;
  const f = ({ now }) => now;
  record.Date; record.process; ({ Date: 1, performance: 2, eval: 3 })
  class C { constructor(at) {} performance() {} }
  new URL(text); URL.canParse(text)
  new Map([[1, 2]]); Object.entries(x); Number.isInteger(x); throw new TypeError(x);
  enum E { Date }
  process: for (;;) break process;
  'Date.now()'; // Date.now()
`);

/** What a workflow may not do, though Temporal replaces Date. */
export const IMPURE_IN_WORKFLOWS = lines(`
  performance.now()
  process.env
  setTimeout(f, 1)
  Math.random()
  const { now } = Date;
  const D = Date
  import { workflowInfo } from '@temporalio/workflow'; workflowInfo().unsafe.now()
  DateTime.now()
  Date()
  new globalThis.Date()
  crypto.randomUUID()
`);

/** Code that the arrows would not show. */
export const HIDDEN = lines(`
  eval('1')
  (0, eval)('1')
  const run = eval;
  new Function('return 1')
  Function('return 1')()
  globalThis.eval('1')
  globalThis['eval']
  const g = globalThis;
  Reflect.construct(F, [])
  require(x)
  const r = require;
  x.constructor('return 1')()
  x['constructor']
  new WebAssembly.Module(bytes)
  import { createRequire } from 'node:module';
  import m from 'module';
  import vm from 'node:vm';
  import { Worker } from 'node:worker_threads';
  await import('node:vm');
  import { fork } from 'node:child_process';
  import { fork as f } from 'child_process';
  import { execaNode } from 'execa';
  child.fork(file)
  process.getBuiltinModule('module')
  const { getBuiltinModule: get } = process;
  process['getBuiltinModule']
  process.mainModule
  const { resolve } = import.meta;
  const r = import.meta.resolve;
  f(import.meta)
  import 'data:text/javascript,1';
  import x from '/tmp/x.js';
  import x from '#x';
  import x from 'left-pad';
  declare module 'pg' {}
  declare global {}
  declare const now: () => number;
  namespace N {}
  declare module '../db/x.js' {}
  export * from './y.js';
  export * as y from './y.js';
  import x = require('pg');
  import D = Date;
  export { connect } from '../db/connect.js';
  export type { Db } from '../db/connect.js';
  import { connect } from '../db/connect.js'; export { connect };
  import pg from 'pg'; export { pg as default };
  export { Client } from 'pg';
  import { connect as c } from '../db/connect.js'; export { c as d };
`);

/** Code that they show. */
export const SHOWN = lines(`
  import pg from 'pg'; import { z } from 'zod'; import { readFile } from 'node:fs/promises';
  import { S3Client } from '@aws-sdk/client-s3'; import { parse } from 'csv-parse/sync';
  import { x } from './y.js'; export { x };
  export { x } from './y.js'; export type { Y } from '../cli/z.js';
  fileURLToPath(import.meta.url); new URL("../x.js", import.meta.url); import.meta.resolve("./x.js")
  let f: Function; type R = globalThis.ReadableStream;
  class C { constructor() {} }
  record.eval; record.module; ({ require: 1 })
  const { open } = await import('node:fs/promises');
`);

/** Clocks and waits, under whatever name. */
export const CLOCKS_READ = lines(`
  Date.now()
  new Date()
  Date()
  const { now } = Date;
  const D = Date; new D()
  f(Date)
  Date['now']()
  performance.now()
  performance.timeOrigin
  const { now } = performance;
  process.hrtime.bigint()
  const { hrtime } = process;
  const { uptime: up } = process;
  const p = process; p.hrtime()
  process.uptime()
  setTimeout(f, 1)
  const wait = setTimeout;
  const later = { setTimeout };
  setImmediate(f)
  import { setTimeout as delay } from 'node:timers/promises';
  import timers from 'timers';
  await import('node:timers');
  import { performance as p } from 'node:perf_hooks';
  Atomics.wait(a, 0, 0, 1)
  AbortSignal.timeout(1)
  const { timeout } = AbortSignal;
  new Intl.DateTimeFormat().format()
  new Intl.DateTimeFormat("en-GB").format()
  const { DateTimeFormat } = Intl;
  const F2 = Intl.DateTimeFormat;
  import { DateTime } from 'luxon'; DateTime.now()
  import { DateTime as DT } from 'luxon'; DT.fromISO(at)
  import { DateTime } from 'luxon'; DateTime.local()
  import * as luxon from 'luxon'; luxon.DateTime.now()
  import { Interval as I } from 'luxon'; I.after(at, 1)
  time.diffNow()
  function f(Date) {}
`);

/** What is given. */
export const NO_CLOCKS = lines(`
  new Date(at)
  Date.parse(at)
  at instanceof Date
  let t: Date;
  now().getTime()
  process.env
  process.pid
  f.setTimeout(1)
  clearTimeout(x)
  let s: AbortSignal = AbortSignal.any([])
  const timeout = 1;
  import { DateTime } from 'luxon'; DateTime.fromISO(at, { zone })
  new Intl.DateTimeFormat('en-GB').format(at)
`);
