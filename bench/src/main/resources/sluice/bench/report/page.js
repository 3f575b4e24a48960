// Tells below a plot what is pointed at or touched, and offers the data as a file.
for (const figure of document.querySelectorAll('figure')) {
  const told = figure.querySelector('output');
  const tell = event => {
    const at = document.elementFromPoint(event.clientX, event.clientY);
    const title = at && figure.contains(at) && at.querySelector(':scope > title');
    if (title) told.textContent = title.textContent;
  };
  figure.addEventListener('pointermove', tell);
  figure.addEventListener('pointerdown', tell);
}
const data = document.getElementById('data');
const link = document.getElementById('download');
if (data && link) {
  link.href = URL.createObjectURL(new Blob([data.textContent], {type: 'application/json'}));
  link.hidden = false;
}
