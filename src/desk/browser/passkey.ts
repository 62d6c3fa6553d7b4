// A new passkey, made by the browser when the form is sent; what the desk keeps of it is its public half.
const form = document.querySelector<HTMLFormElement>('#new-passkey');

if (form && 'credentials' in navigator && isSecureContext) {
  for (const button of form.querySelectorAll('button')) button.disabled = false;
  form.addEventListener('submit', (event) => {
    if (fieldOf('registration').value !== '') return;
    event.preventDefault();
    void made(form.dataset).then(
      () => form.requestSubmit(),
      (error: unknown) => tell(error),
    );
  });
}

/** Asks for the passkey, and puts what the desk keeps of it into the form. */
async function made({ name = '', user = '', operator = '', known = '' }: DOMStringMap): Promise<void> {
  tell(null);
  const created = await navigator.credentials.create({
    publicKey: {
      rp: { id: name, name: 'trading-ops' },
      user: { id: bytesOfHex(user), name: operator, displayName: operator },
      challenge: bytesOfHex(fieldOf('challenge').value),
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      excludeCredentials: known
        .split(' ')
        .filter((id) => id !== '')
        .map((id) => ({ type: 'public-key' as const, id: bytesOf(id) })),
      attestation: 'none',
      timeout: 120_000,
    },
  });
  const { response } = created as PublicKeyCredential;
  const { clientDataJSON } = response;
  const authenticatorData = (response as AuthenticatorAttestationResponse).getAuthenticatorData();
  fieldOf('registration').value = [authenticatorData, clientDataJSON].map(base64url).join('.');
}

function fieldOf(name: string): HTMLInputElement {
  return form?.elements.namedItem(name) as HTMLInputElement;
}

/** Says why there is no passkey. */
function tell(error: unknown): void {
  const line = document.querySelector<HTMLElement>('#passkey-problem');
  if (line === null) return;
  const named: Record<string, string> = {
    NotAllowedError: 'the browser was told no, or nobody answered it',
    InvalidStateError: 'this device has a passkey of yours for this address already',
  };
  const why = (error instanceof DOMException && named[error.name]) || String(error);
  line.textContent = error === null ? '' : `No passkey was made: ${why}.`;
}

function base64url(bytes: ArrayBuffer): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}

function bytesOfHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
