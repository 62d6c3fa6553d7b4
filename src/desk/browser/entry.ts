// A link carries its code behind a #, which no server and no log sees: it is put into the form and sent.
const field = document.querySelector<HTMLInputElement>('#code');
const code = location.hash.slice(1);
if (field && code !== '') {
  // Out of the address, so that it is not kept in the history.
  history.replaceState(null, '', location.pathname);
  field.value = code;
  field.form?.requestSubmit();
}
