// Signed out on whatever page: nothing that was typed stays behind in this tab.
document.addEventListener('submit', ({ target }) => {
  if ((target as HTMLFormElement).action.endsWith('/leave')) sessionStorage.clear();
});
