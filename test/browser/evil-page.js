/* What a page of somebody else's does in the operator's browser (other-origins.test.ts); it runs nowhere else. */
/* global document, navigator, window, Image */

const FORGED = JSON.stringify({ input: [{ stolen: true }] });
const PATIENCE_MS = 3_000;

const ways = {
  'no-cors': (url) => fetch(url, { method: 'POST', mode: 'no-cors', body: FORGED, credentials: 'include', ...soon() }),
  cors: (_url, start) =>
    fetch(start, { method: 'POST', headers: { 'content-type': 'application/json' }, body: FORGED, ...soon() }),
  beacon: (url) => navigator.sendBeacon(url, new Blob([FORGED], { type: 'text/plain' })),
  image: (url) => document.body.append(Object.assign(new Image(), { src: url })),
  socket: (url) => (window.socket = new WebSocket(url.replace('http', 'ws'))),
  // A form sends text as it is: name, an equals sign, value.
  form: async (url) => {
    const frame = Object.assign(document.createElement('iframe'), { name: `frame ${Math.random()}` });
    const form = Object.assign(document.createElement('form'), { method: 'post', action: url, target: frame.name });
    form.enctype = 'text/plain';
    const [name, value] = ['{"input":[{"stolen":true}],"pad":"', '"}'];
    form.append(Object.assign(document.createElement('input'), { name, value }));
    document.body.append(frame, form);
    form.submit();
    await new Promise((resolve) => void setTimeout(resolve, 50));
  },
};

const soon = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) });

/** One way of saying it to one address. Never throws: a browser or a port that refuses is what we are after. */
window.say = async ({ origin, way, signal, start }) => {
  try {
    await ways[way](origin + signal, origin + start);
  } catch {
    // refused
  }
};

/** The same, to where the page itself comes from, with what only a page of that origin may send: each status; 0 is no answer. */
window.sayAsSameOrigin = async ({ signal, start }) => {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: FORGED };
  const answers = [];
  for (const [path, sent] of [
    [signal, post],
    [start, post],
    ['/api/v1/settings', {}],
  ])
    answers.push(
      await fetch(path, { ...sent, ...soon() }).then(
        ({ status }) => status,
        () => 0,
      ),
    );
  return answers;
};
