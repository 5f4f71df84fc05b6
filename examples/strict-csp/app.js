import './hearth/element.js';

const element = document.querySelector('stable-diffusion');
const said = document.querySelector('#said');

element.addEventListener('image', ({ detail: { request, timings } }) => {
  said.textContent = `Seed ${request.seed}, ${timings.generate.toFixed(1)} s`;
});
element.addEventListener('error', ({ detail: { code } }) => { said.textContent = `Failed: ${code}`; });
