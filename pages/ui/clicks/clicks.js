// A plain click on a link with data-NAME stays on the page and says the number that stands there. Any other click (for
// a new tab, say) is the browser's own.

const clicked = new Map(); // name → the place of the link that was clicked; its successor takes the focus over

export default function ({ data, parentElement, setTriggerValue }) {
  const page = parentElement.ownerDocument;
  const links = () => [...page.querySelectorAll(`a[data-${data.name}]`)];
  const hear = (event) => {
    const link = event.target.closest(`a[data-${data.name}]`);
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented) return;
    event.preventDefault();
    clicked.set(data.name, links().indexOf(link));
    setTriggerValue("clicked", Number(link.dataset[data.name]));
  };
  page.addEventListener("click", hear);
  const place = clicked.get(data.name);
  if (place !== undefined) {
    clicked.delete(data.name);
    requestAnimationFrame(() => {
      if (page.activeElement === page.body) links()[place]?.focus({ preventScroll: true });
    });
  }
  return () => page.removeEventListener("click", hear);
}
