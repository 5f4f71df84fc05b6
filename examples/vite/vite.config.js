export default {
  // Links relative to the page, so that the app works under any path.
  base: './',
  // Vite's development server would move the module away from its engine.
  optimizeDeps: { exclude: ['hearth'] },
};
