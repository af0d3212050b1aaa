import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const backEnd = "http://localhost:8000";

export default defineConfig({
  plugins: [react()],
  server: {
    proxy: {
      "/api": backEnd,
      "/ws": { target: backEnd, ws: true },
    },
  },
});
