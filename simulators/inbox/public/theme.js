// A classic script in the head: it runs before anything is drawn, so that the page does not flash.
document.documentElement.dataset.theme = localStorage.getItem('theme') ?? 'auto';
