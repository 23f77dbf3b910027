const { people } = window.northwind;

for (const { email } of people) {
  document.getElementById('people')?.append(new Option(email, email));
}

document.getElementById('yearly')?.addEventListener('change', ({ target }) => {
  for (const price of document.querySelectorAll('[data-monthly]')) {
    price.textContent = `€ ${target.checked ? price.dataset.yearly : price.dataset.monthly}`;
  }
});

for (const button of document.querySelectorAll('[data-plan]')) {
  button.addEventListener('click', () => {
    document.getElementById('chosen').textContent = `You chose ${button.dataset.plan}.`;
  });
}

document.getElementById('signup')?.addEventListener('submit', (event) => {
  event.preventDefault();
  const email = new FormData(event.target).get('email');
  const person = people.find((one) => one.email === email);
  const { id, name } = person ?? { id: `u_${email}`, name: email.split('@')[0] };
  window.posthog.capture('signed up', { method: 'password' });
  window.sessionStorage.setItem('signed-in', JSON.stringify({ id, email, name }));
  window.location.assign('/site/dashboard');
});
