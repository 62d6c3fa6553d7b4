// Asks the registry whether it signed what is installed (`npm audit signatures`) and which flaws are known of it
// (`npm audit`). A registry that does not answer that is no approval: the reason is told, and the end is 69. 2 when
// something is wrong.
//   node tools/audit-packages.mjs
import { spawnSync } from 'node:child_process';

/** What npm says when nobody answered, or a mirror that cannot. */
const AWAY =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|E404|E405|405 Method|audit endpoint returned)\b/i;

const questions = [
  ['signatures', ['audit', 'signatures']],
  ['known flaws', ['audit', '--omit=dev', '--audit-level=high']],
];
const codes = questions.map(([what, words]) => {
  const { status, stdout, stderr } = spawnSync('npm', words, { encoding: 'utf8' });
  const said = `${stdout}${stderr}`.trim();
  const away = AWAY.exec(said);
  if (status === 0 && !away) console.log(`${what}: ${said}`);
  else if (away) console.error(`${what}: NOT CHECKED: ${said.split('\n').find((line) => AWAY.test(line))}`);
  else console.error(`${what}: FAILED\n${said}`);
  if (away) return 69;
  return status === 0 ? 0 : 2;
});
process.exitCode = codes.includes(2) ? 2 : Math.max(...codes);
