// What was reviewed is signed by the reader's passkey when the form is sent: the challenge is the SHA-256 of the
// statement that stands in the form, and the answer goes along with it.
const place = document.querySelector<HTMLElement>('#sign');
const form = place?.closest('form') ?? null;

if (place && form && 'credentials' in navigator && isSecureContext) {
  for (const button of form.querySelectorAll<HTMLButtonElement>('button[data-signs]')) button.disabled = false;
  form.addEventListener('submit', (event) => {
    const { submitter } = event;
    if (!submitter?.hasAttribute('data-signs') || fieldOf(form, 'assertion').value !== '') return;
    event.preventDefault();
    void signed(form, place).then(
      () => form.requestSubmit(submitter),
      (error: unknown) => tell(error),
    );
  });
}

/** Asks the passkey, and puts its answer into the form. */
async function signed(of: HTMLFormElement, { dataset }: HTMLElement): Promise<void> {
  tell(null);
  const known = (dataset['credentials'] ?? '').split(' ').filter((id) => id !== '');
  const found = await navigator.credentials.get({
    publicKey: {
      challenge: await challengeOf(of, dataset['challenge']),
      rpId: dataset['name'] ?? '',
      allowCredentials: known.map((id) => ({ type: 'public-key' as const, id: bytesOf(id) })),
      userVerification: 'required',
      timeout: 120_000,
    },
  });
  const { response } = found as PublicKeyCredential;
  const { authenticatorData, clientDataJSON, signature } = response as AuthenticatorAssertionResponse;
  fieldOf(of, 'assertion').value = [authenticatorData, clientDataJSON, signature].map(base64url).join('.');
}

/** What stands in the page, or the SHA-256 of the statement that is signed. */
async function challengeOf(of: HTMLFormElement, given: string | undefined): Promise<BufferSource> {
  if (given !== undefined) return Uint8Array.from(given.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  return crypto.subtle.digest('SHA-256', new TextEncoder().encode(fieldOf(of, 'attestation').value));
}

function fieldOf(of: HTMLFormElement, name: string): HTMLInputElement {
  return of.elements.namedItem(name) as HTMLInputElement;
}

/** Says why nothing was sent. */
function tell(error: unknown): void {
  const line = document.querySelector<HTMLElement>('#sign-problem');
  if (line === null) return;
  const isNo = error instanceof DOMException && error.name === 'NotAllowedError';
  const why = isNo ? 'the passkey did not answer, or you said no' : String(error);
  line.textContent = error === null ? '' : `Nothing was sent: ${why}. Send it again to be asked again.`;
}

function base64url(bytes: ArrayBuffer): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}
