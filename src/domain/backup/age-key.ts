const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const KEY = /^(age1(?:pq1|tag1|tagpq1)?)[02-9ac-hj-np-z]{20,}$/;

/**
 * Whether the text is a public key of age (`age1…`): its letters and its checksum (Bech32, BIP 173), so that a key with a
 * letter mistyped is refused when the policy is read and not when the first copy is encrypted.
 */
export function isAgePublicKey(text: string): boolean {
  const separator = text.lastIndexOf('1');
  if (!KEY.test(text) || separator < 3) return false;
  const prefix = Array.from(text.slice(0, separator), (letter) => letter.charCodeAt(0));
  const data = Array.from(text.slice(separator + 1), (letter) => ALPHABET.indexOf(letter));
  return (
    data.every((value) => value >= 0) &&
    polymod([...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data]) === 1
  );
}

function polymod(values: number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of GENERATORS.entries()) if ((top >> bit) & 1) sum ^= generator;
  }
  return sum;
}
