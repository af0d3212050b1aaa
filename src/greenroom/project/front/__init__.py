"""The front end of the audited project as data: JavaScript, TypeScript, JSX, Vue and Svelte."""
