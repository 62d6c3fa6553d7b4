/** A link carries its code behind a #, which no server and no log sees: it is put into the form and sent. */
function enterByLink(): void {
  const code = location.hash.slice(1);
  if (code === '') return;
  const field = document.querySelector<HTMLInputElement>('#code');
  // A page without the form is left for the one that has it: by the same address nothing would be loaded.
  if (field === null) return location.replace(`${location.pathname}?${location.hash}`);
  // Out of the address, so that it is not kept in the history.
  history.replaceState(null, '', location.pathname);
  field.value = code;
  // Where no cookie is kept it would be used up and let nobody in.
  if (navigator.cookieEnabled) field.form?.requestSubmit();
}

document.querySelector<HTMLElement>('#cookies')?.toggleAttribute('hidden', navigator.cookieEnabled);
enterByLink();
// A link that is pasted where this page stands already changes what follows the # alone, and loads nothing.
addEventListener('hashchange', enterByLink);
