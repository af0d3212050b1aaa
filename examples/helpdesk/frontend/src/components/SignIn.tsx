import { useState, type FormEvent } from "react";

import { useSession } from "../context/SessionContext";

export function SignIn() {
  const { signIn } = useSession();
  const [token, setToken] = useState("");

  function submit(event: FormEvent) {
    event.preventDefault();
    signIn(token.trim());
  }

  return (
    <form onSubmit={submit}>
      <label>
        Token
        <input
          type="password"
          value={token}
          onChange={(event) => setToken(event.target.value)}
          required
        />
      </label>
      <button type="submit">Sign in</button>
    </form>
  );
}
