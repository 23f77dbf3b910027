import { byId } from '/dom.js';

/** Where one column fits only: which one it is. Elsewhere this changes nothing. */
export function showView(view) {
  document.body.dataset.view = view;
  for (const button of byId('views').children) {
    if (button.dataset.view === view) button.setAttribute('aria-current', 'true');
    else button.removeAttribute('aria-current');
  }
}

export function listenToViews() {
  byId('views').addEventListener('click', ({ target }) => {
    if (target.dataset.view) showView(target.dataset.view);
  });
}
